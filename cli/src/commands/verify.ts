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

export const EVIDENCE_KINDS = ['receipt', 'tlog-proof', 'checkpoint', 'sth', 'misbehaviour'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export type VerifyFlags = SharedFlags &
  AuthorityFlags & {
    readonly kind?: EvidenceKind;
    readonly log?: string;
    readonly apiKeyFile?: string;
    readonly intent?: string;
    readonly at?: string;
    readonly require: 'authentic' | 'authorized';
    readonly entry?: string;
    readonly older?: string;
    readonly proof?: string;
    readonly output?: string;
    readonly offline?: true;
    readonly json?: true;
  };

export const addVerifyCommand: AddCommand = (program, finish) => {
  program
    .command('verify')
    .summary('check a receipt, a tree head, a proof or two heads, and say what it proves')
    .description(
      'Checks evidence against the key of the log, which you pin with --log-key or --log-policy, and prints every check.\n' +
        'EVIDENCE is a file, "-" for standard input, or an http(s) address: a receipt, a C2SP tlog-proof, a checkpoint, an STH\n' +
        '(RFC 6962), or a proof of misbehaviour. With --log it can also be an entry of that log, whose receipt is asked for: its\n' +
        'index, sha256:<hex> of its leaf or its statement, or service/id (a file of that name wins).',
    )
    .argument('<evidence>', 'what to verify')
    .addOption(
      new Option('--kind <kind>', 'what it is; told from how it begins unless you say so').choices(EVIDENCE_KINDS),
    )
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
    .option('--entry <file>', 'of a tlog-proof: the bytes of the entry whose place it shows')
    .option('--older <file>', 'of a tree head: an older one (checkpoint or STH), which this one has to extend')
    .option(
      '--proof <file>',
      'with --older: the consistency proof, as get-sth-consistency or api/v1/proofs/consistency answers it, or a line of base64 for each hash; else it is read from --log',
    )
    .option(
      '-o, --output <file>',
      'with --older: write a proof of misbehaviour here if the two heads contradict each other',
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
  $ assent verify refund.tlog-proof --entry refund.entry.json --log-key log.vkey
  $ assent verify https://log.example.com/checkpoint --log-policy log.policy
  $ assent verify today.checkpoint --older last-week.checkpoint --log https://log.example.com --log-key log.vkey \\
      -o fork.misbehaviour.json
  $ assent verify fork.misbehaviour.json --log-key log.vkey

authorized: every check passed. An approval for single use gets that from a gate alone, which has consumed it.
authentic: the evidence holds, but not everything that authorizes was checked.
refused: the evidence holds, and it must not be acted upon.
incomplete: some evidence could not be checked, such as the tree head without a key.
invalid: the evidence does not hold.

A tree head is authentic if the log signed it and the quorum of --log-policy cosigned it, a tlog-proof if it leads from the
bytes of --entry to such a head, two heads if the newer tree extends the older one. A proof of misbehaviour is authentic, and
ends with 0, if the log did sign two heads that no tree has both. Two heads that make one end with 1. A consistency proof that
does not fit ends with 1 too, and shows no more than itself: anybody can write one.

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
