import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT_HELP } from '../exit-codes.ts';
import { type AddCommand, collect, type Finish, jsonOption } from './options.ts';

type Address = { readonly host: string; readonly port: number };
export type InitFlags = { readonly key: readonly string[]; readonly state: string; readonly json?: true };
export type ServeFlags = InitFlags & { readonly logs: string; readonly listen: Address; readonly metrics?: Address };
export type ShowFlags = { readonly state: string; readonly json?: true };

const DEFAULT_ADDRESS = '127.0.0.1:6963';
const KEY = 'key of the witness, made by "assent keygen --witness"; repeatable, for one of each kind';
const STATE = 'folder of its memory: the newest checkpoint of each log that it cosigned';

export const addWitnessCommand: AddCommand = (program, finish) => {
  const witness = program
    .command('witness')
    .summary('cosign the checkpoints of logs')
    .description(
      'A witness of transparency logs (C2SP tlog-witness): it keeps the newest checkpoint of each log, and cosigns a newer one\n' +
        'only after a proof that it continues that one. A log can then not show two people different histories.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ assent keygen --witness witness.example.com/w1 -o witness-key.pem
  $ assent witness init --key witness-key.pem --state witness-state
  $ assent witness serve --key witness-key.pem --state witness-state --logs logs.txt
  $ assent witness show --state witness-state

The memory of a witness is worth more than its key: one that forgets can cosign a fork. docs/witnessing.md says what follows.
${EXIT_HELP}`,
    );
  addInit(witness, finish);
  addServe(witness, finish);
  addShow(witness, finish);
};

function addInit(witness: Command, finish: Finish): void {
  witness
    .command('init')
    .summary('make the memory of a new witness')
    .description(
      'Makes the state of a witness whose key has not cosigned anything yet. "serve" never does that by itself: a folder that is\n' +
        'missing or not mounted would be taken for a new witness, which cosigns whatever it is shown first.',
    )
    .requiredOption('--key <file>', KEY, collect)
    .requiredOption('--state <folder>', `${STATE}; never one that is there`)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent witness init --key witness-key.pem --state witness-state

With --json: { "type": "assent/witness-init/v1", "state", "witnesses": [vkey] }.
${EXIT_HELP}`,
    )
    .action(async (flags: InitFlags) => {
      const { initWitness } = await import('../actions/witness.ts');
      finish(await initWitness(flags));
    });
}

function addServe(witness: Command, finish: Finish): void {
  witness
    .command('serve')
    .summary('run the witness')
    .description(
      'Answers POST /add-checkpoint, and GET /<SHA-256 of the origin>/checkpoint with what was cosigned last. Each cosignature\n' +
        'leaves after the checkpoint is on disk. TLS is the business of a proxy in front of it.\n' +
        'SIGHUP reads the list of logs anew; SIGTERM or Ctrl-C answers what is under way, and ends.',
    )
    .requiredOption('--key <file>', KEY, collect)
    .requiredOption('--state <folder>', `${STATE}; made by "assent witness init"`)
    .requiredOption('--logs <file>', 'the logs to cosign for: a list in the format logs/v0 of the witness network')
    .addOption(
      new Option('--listen <host:port>', 'where to listen')
        .argParser(address)
        .default(address(DEFAULT_ADDRESS), DEFAULT_ADDRESS),
    )
    .addOption(
      new Option(
        '--metrics <host:port>',
        'answer GET /metrics for Prometheus there; whoever reaches it can read them',
      ).argParser(address),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A list of logs:
  logs/v0

  vkey log.example.com/approvals+7b48e9c0+Ae1J…
  qpd 86400
  contact log@example.com

Examples:
  $ assent witness serve --key witness-key.pem --state witness-state --logs logs.txt --listen 127.0.0.1:6963
  $ systemctl reload assent-witness        after the list was changed, where systemd runs it

A list may have 64 MiB. Keys of logs are Ed25519; a key of another kind is left out, and said. "origin" stands below a vkey whose name
is not the first line of the log's checkpoints. Only vkey and origin count: "qpd" is not enforced, as calls are not
authenticated, and whoever replays a checkpoint would use up the log's share.

With --json: { "type": "assent/witness/v1", "url", "witnesses": [vkey], "logs": [origin] } once it listens, and "metrics" if it has them.
A disk that can't take what is to be remembered ends it, unless it is only full.
${EXIT_HELP}`,
    )
    .action(async (flags: ServeFlags) => {
      const { runWitness } = await import('../actions/witness.ts');
      finish(await runWitness(flags));
    });
}

function addShow(witness: Command, finish: Finish): void {
  witness
    .command('show')
    .summary('print what a witness remembers')
    .description(
      'Prints size, root and time of the newest checkpoint of each log that was cosigned. The witness may be running.',
    )
    .requiredOption('--state <folder>', STATE)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent witness show --state witness-state

Prints a line for each log: time, size, root, origin. With --json:
{ "type": "assent/witness-logs/v1", "witnesses": [vkey], "logs": [{ "origin", "size", "root", "time" }] }.
${EXIT_HELP}`,
    )
    .action(async (flags: ShowFlags) => {
      const { showWitness } = await import('../actions/witness.ts');
      finish(await showWitness(flags));
    });
}

function address(text: string): Address {
  const [, v6, host, port = ''] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const name = v6 ?? host;
  if (name === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('It takes host:port, or [IPv6]:port.');
  return { host: name, port: Number(port) };
}
