import { Option } from 'commander';
import { EXIT_HELP } from '../exit-codes.ts';
import type { AuthorityFlags } from '../pinned-authority.ts';
import {
  type AddCommand,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  ownersApiKeyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';

export type VerifyFlags = SharedFlags &
  AuthorityFlags & {
    readonly log?: string;
    readonly apiKeyFile?: string;
    readonly intent?: string;
    readonly at?: string;
    readonly require: 'authentic' | 'authorized';
    readonly offline?: true;
    readonly json?: true;
  };

export const addVerifyCommand: AddCommand = (program, finish) => {
  program
    .command('verify')
    .summary('check a receipt, and say what it proves')
    .description(
      'Checks a receipt against the key of the log, which you pin with --log-key or --log-policy, and prints every check.\n' +
        'RECEIPT is a file, "-" for standard input, or the http(s) address of a receipt; with --log also the ' +
        'index of an entry, sha256:<hex> of its leaf or its statement, or service/id (a file of that name wins).',
    )
    .argument('<receipt>', 'what to verify')
    .option(
      '--log <url>',
      'the log: receipts are asked from it by index, digest or service/id, and its key unless it is pinned',
    )
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .addOption(ownersApiKeyOption())
    .option(
      '--trust-root <id>',
      'whose people may approve: the root id of a trust root, sha256:<hex>, pinned by you; the receipt may bring its versions',
    )
    .option(
      '--trust-versions <file>',
      'the versions of that trust root that you have: a JSON list, as receipts carry it',
    )
    .option('--approval-policy <file>', 'your approval policy: who has to approve what')
    .option(
      '--intent <file>',
      'the action that you are about to run, as an intent: the receipt has to approve exactly it; "-" for standard input',
    )
    .option(
      '--at <time>',
      'when the approval is to count: "now", or as in 2026-04-03T17:00:00.000Z; without it expiry is not judged',
    )
    .addOption(
      new Option('--require <verdict>', 'the least verdict that ends with exit code 0')
        .choices(['authentic', 'authorized'])
        .default('authentic'),
    )
    .option('--offline', 'make no network request: --log and receipts that are not files are refused')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent verify refund.receipt.json --log-key log.vkey
  $ assent verify 7 --log https://log.example.com --log-key log.vkey --at now
  $ assent verify refund.receipt.json --log-policy log.policy
  $ assent verify refund.receipt.json --log-policy log.policy --trust-root sha256:9f… --trust-versions acme.json \\
      --approval-policy payments.json --intent intent.json --at now
  $ assent verify approvals.example.com/req_8f2 --log http://localhost:6962
  $ assent verify - --log-key log.vkey --intent intent.json --offline < refund.receipt.json

authorized: every check passed. An approval for single use gets that from a gate alone, which has consumed it.
authentic: the evidence holds, but not everything that authorizes was checked.
refused: the evidence holds, and it must not be acted upon.
incomplete: some evidence could not be checked, such as the tree head without a key.
invalid: the evidence does not hold.

Each check is printed: ✓ passed, ✗ failed (with the code, and the values that differ), – not checked (with what is missing).
A file named like an index or a digest is written ./7. If a log answers with the receipt of another entry than was asked for,
that is refused, however good the receipt is. Revocations are judged by the newest of --trust-versions.
With --require authorized, an authentic receipt ends with 2.
${EXIT_HELP}`,
    )
    .action(async (argument: string, flags: VerifyFlags) => {
      const { verify } = await import('../actions/verify.ts');
      finish(await verify(argument, flags));
    });
};
