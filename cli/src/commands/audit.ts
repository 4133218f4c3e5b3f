import { InvalidArgumentError, Option } from 'commander';
import { EXIT_HELP } from '../exit-codes.ts';
import type { AuthorityFlags } from '../pinned-authority.ts';
import {
  type AddCommand,
  collect,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';

export type AuditFlags = SharedFlags &
  AuthorityFlags & {
    readonly head?: readonly string[];
    readonly asOf?: string;
    readonly new?: true;
    /** False: none. */
    readonly state?: string | false;
    readonly evidence?: string;
    readonly html?: string;
    readonly threads?: number;
    readonly requests: number;
    readonly attempts: number;
    readonly json?: true;
  };

export const addAuditCommand: AddCommand = (program, finish) => {
  program
    .command('audit')
    .summary('re-verify a whole log, and say what is wrong with it')
    .description(
      'Reads every entry and every tile of a log, recomputes its tree and compares it with the signed head and with the heads that\n' +
        'earlier audits saw; judges every entry that is in the open: form, signatures, identities, times, consumptions, trust roots.\n' +
        'LOG is an http(s) address, or a folder with a copy ("assent mirror", "assent-log export").\n\n' +
        'An audit that was stopped goes on where it was: run it again. It ends with 1 if there is any finding.',
    )
    .argument('<log>', 'which log')
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .option('--head <file>', 'a signed head that you have from elsewhere, to be of the same tree; repeatable', collect)
    .option(
      '--trust-root <id>',
      'judge the approvals of this trust root: its root id, sha256:<hex>; needs --trust-versions',
    )
    .option(
      '--trust-versions <file>',
      'the versions of that trust root that you have: a JSON list, as receipts carry it',
    )
    .option('--approval-policy <file>', 'with --trust-root: your approval policy, for approvals whose intent is public')
    .option(
      '--as-of <when>',
      'the log as it was: at a size (1000), or by its own clock at a time (2026-04-03T17:00:00.000Z)',
    )
    .option('--new', 'only what is new since the last audit that came to its end')
    .option('--state <dir>', 'what is remembered from one audit to the next (default: a folder of yours for each log)')
    .option('--no-state', 'remember nothing, and use nothing that is remembered')
    .option('--evidence <dir>', 'where proofs of misbehaviour are written (default: the folder of --state)')
    .option('--html <file>', 'also write the report as one page')
    .addOption(
      new Option('--threads <n>', 'how many threads verify (default: one for each core)').argParser(number(64)),
    )
    .addOption(new Option('--requests <n>', 'how many requests at once').argParser(number(64)).default(8))
    .addOption(
      new Option('--attempts <n>', 'how often one is sent before its failure counts, with pauses that grow')
        .argParser(number(64))
        .default(6),
    )
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent audit https://log.example.com --log-key log.vkey
  $ assent audit https://log.example.com --log-policy log.policy --html audit.html
  $ assent audit ./mirror --log-key log.vkey --new
  $ assent audit https://log.example.com --log-policy log.policy \\
      --trust-root sha256:9f… --trust-versions acme.json --approval-policy payments.json
  $ assent audit https://log.example.com --log-key log.vkey --as-of 2026-04-01T00:00:00.000Z --json | jq .findings
${EXIT_HELP}
An audit with findings ends with 1 even if it is incomplete as well.`,
    )
    .action(async (log: string, flags: AuditFlags) => {
      const { audit } = await import('../actions/audit.ts');
      finish(await audit(log, flags));
    });
};

function number(most: number): (text: string) => number {
  return (text) => {
    if (/^[1-9][0-9]?$/.test(text) && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`It takes a number from 1 to ${most}.`);
  };
}
