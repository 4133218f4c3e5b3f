import { formatTime, MAX_RECEIPT_BYTES, parseTime, verifyReceipt } from '@assent/verifier';
import { readOwnersApiKey } from '../api-key.ts';
import type { VerifyFlags } from '../commands/verify.ts';
import { type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { readInput, refuseStdinTwice } from '../files/read-input.ts';
import { LogClient } from '../http/log-client.ts';
import { parseLogUrl } from '../log-url.ts';
import { readPinned, withLogKeys } from '../pinned.ts';
import { readPinnedAuthority } from '../pinned-authority.ts';
import { primitives } from '../primitives.ts';
import { findReceipt, readReceipt, refuseOtherReceipt } from '../receipt-source.ts';
import { printJson, printText, say } from '../terminal/output.ts';
import { reportText } from '../terminal/report-text.ts';

export async function verify(argument: string, flags: VerifyFlags): Promise<ExitCode> {
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
