import { EXIT_HELP } from '../exit-codes.ts';
import type { TimeFlags } from '../trust/change.ts';
import { type AddCommand, jsonOption } from './options.ts';
import { addTimeOptions, repeatable, wholeNumber } from './trust-flags.ts';

export type InitFlags = TimeFlags & {
  readonly name: string;
  readonly rootKey: readonly string[];
  readonly threshold: number;
  readonly output: string;
  readonly json?: true;
};

export const addTrustInitCommand: AddCommand = (trust, finish) => {
  const command = trust
    .command('init')
    .summary('draft version 1, with the root keys')
    .description(
      'Drafts version 1 of a trust root: its name, and whose signatures make the next versions. It lists nobody yet: add people\n' +
        'with "assent trust add", then have it signed. The digest of version 1 is the root id, which verifiers pin.',
    )
    .requiredOption('--name <name>', 'the organization, such as acme.example')
    .addOption(
      repeatable(
        '--root-key <key>',
        'public key of one who may sign versions: base64, PEM, or what "assent keygen" printed',
      ).makeOptionMandatory(),
    )
    .requiredOption('--threshold <n>', 'how many of them have to sign a version', wholeNumber)
    .requiredOption('-o, --output <file>', 'where the draft goes');
  addTimeOptions(command)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent keygen -o alice.pem > alice.pub
  $ assent trust init --name acme.example --root-key alice.pub --root-key bob.pub --root-key carol.pub --threshold 2 \\
      -o acme.v1.json
  $ assent trust add acme.v1.json --policy payments.policy.json

Each holder of a root key makes it on their own machine, and hands out the public half alone. Ed25519 and P-256 are taken.
With --json: { "type": "assent/trust-draft-status/v1", "file", "version", "root_id", "digest", "changes", "signatures", … }.
${EXIT_HELP}`,
    )
    .action(async (flags: InitFlags) => {
      const { trustInit } = await import('../actions/trust-changes.ts');
      finish(await trustInit(flags));
    });
};
