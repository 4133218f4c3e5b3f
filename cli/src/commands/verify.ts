import { formatTime, MAX_RECEIPT_BYTES, parseTime, type Verdict, verifyReceipt } from '@assent/verifier';
import { Option } from 'commander';
import { readOwnersApiKey } from '../api-key.ts';
import { EXIT, EXIT_HELP, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { readInput, refuseStdinTwice } from '../files/read-input.ts';
import { LogClient } from '../http/log-client.ts';
import { parseLogUrl } from '../log-url.ts';
import { readPinned, withLogKeys } from '../pinned.ts';
import { type AuthorityFlags, readPinnedAuthority } from '../pinned-authority.ts';
import { primitives } from '../primitives.ts';
import { findReceipt, readReceipt, refuseOtherReceipt } from '../receipt-source.ts';
import { printJson, printText, say } from '../terminal/output.ts';
import { reportText } from '../terminal/report-text.ts';
import {
  type AddCommand,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  ownersApiKeyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';

type VerifyFlags = SharedFlags &
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
${EXIT_HELP}
With --require authorized, an authentic receipt ends with 2.`,
    )
    .action(async (argument: string, flags: VerifyFlags) => finish(await verify(argument, flags)));
};

async function verify(argument: string, flags: VerifyFlags): Promise<ExitCode> {
  const { intent: intentFile, logPolicy, trustVersions, approvalPolicy, logKey = [] } = flags;
  refuseStdinTwice(argument, intentFile, logPolicy, trustVersions, approvalPolicy, ...logKey);
  const log = flags.log === undefined ? undefined : parseLogUrl(flags.log);
  if (flags.offline && log !== undefined) {
    throw new CommandFailure(
      'usage',
      '--offline makes no request, so --log cannot be used: pass the key of the log with --log-key',
    );
  }
  const at = readTime(flags.at);
  const source = findReceipt(argument, { log: log !== undefined, offline: flags.offline === true });
  const pinned = await readPinned(flags);
  const authority = await readPinnedAuthority(flags);
  const intent = flags.intent === undefined ? undefined : await readInput(flags.intent, MAX_RECEIPT_BYTES);
  const timeoutMs = flags.timeout * 1000;
  const apiKey = await readOwnersApiKey(flags.apiKeyFile, log);
  const client = log && new LogClient(log, timeoutMs, apiKey);
  const unverifiedReceipt = await readReceipt(source, client, timeoutMs);
  const trusted = await withLogKeys(pinned, client);
  const report = await verifyReceipt(unverifiedReceipt, {
    ...trusted,
    ...authority,
    primitives,
    ...(intent !== undefined && { intent }),
    ...(at !== undefined && { at }),
  });
  refuseOtherReceipt(source, report);
  if (flags.json) printJson(report);
  else printText(reportText(report, process.stdout));
  if (trusted.logKeys.length === 0) {
    const given = flags.logPolicy === undefined ? 'no key of the log was given' : `${flags.logPolicy} lists no log`;
    say(
      `${given}, so nobody knows who signed this. Pass --log-key VKEY|FILE, or --log URL to ask the log for its key.`,
    );
  }
  if (report.verdict === 'authentic' && flags.require === 'authorized') {
    say('the receipt is authentic, and --require asks for authorized: some checks had nothing to go by.');
  }
  return exitCodeOf(report.verdict, flags.require);
}

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'now') return Date.now();
  const time = parseTime(text.replace(/(:[0-9]{2})Z$/, '$1.000Z'));
  if (time.ok) return time.value;
  throw new CommandFailure('usage', `--at takes "now" or a time in UTC such as ${formatTime(Date.now())}`);
}

/** How a command ends that has shown a verdict. */
export function exitCodeOf(verdict: Verdict, required: 'authentic' | 'authorized'): ExitCode {
  if (verdict === 'authorized') return EXIT.ok;
  if (verdict === 'authentic') return required === 'authentic' ? EXIT.ok : EXIT.usage;
  return verdict === 'incomplete' ? EXIT.usage : EXIT.bad;
}
