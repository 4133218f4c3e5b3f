import { closeReceipt, type Disclosures, openReceipt, utf8Encode, verifyReceipt } from '@assent/verifier';
import type { OpenFlags } from '../commands/open.ts';
import { emitReceipt } from '../emit-receipt.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { readInput, readJsonInput, refuseStdinTwice } from '../files/read-input.ts';
import { LogClient } from '../http/log-client.ts';
import { isObject } from '../http/problem.ts';
import { withKeysOf } from '../keys-of-evidence.ts';
import { parseLogUrl } from '../log-url.ts';
import { readOpening, readSalt } from '../opening.ts';
import { readPinned } from '../pinned.ts';
import { primitives } from '../primitives.ts';
import { findReceipt, readReceipt, refuseOtherReceipt } from '../receipt-source.ts';
import { printJson, printText, say } from '../terminal/output.ts';
import { reportText } from '../terminal/report-text.ts';

/** What is disclosed is an envelope or an intent, and a salt is 44 characters. */
const MAX_FILE_BYTES = 1024 * 1024;

export async function open(argument: string, flags: OpenFlags): Promise<ExitCode> {
  refuseContradictions(argument, flags);
  const disclosures = await readDisclosures(flags);
  const log = flags.log === undefined ? undefined : parseLogUrl(flags.log);
  const timeoutMs = flags.timeout * 1000;
  const client = log && new LogClient(log, timeoutMs);
  const source = findReceipt(argument, { log: log !== undefined, offline: false });
  const pinned = await readPinned(flags);
  const output =
    flags.output === undefined ? undefined : await OutputFile.prepare(flags.output, flags.strip ? 0o666 : 0o600);
  try {
    const given = await readReceipt(source, client, timeoutMs);
    if (flags.strip) {
      await emitReceipt(changed(closeReceipt(given)), output);
      return EXIT.ok;
    }
    const receipt = disclosures === undefined ? given : changed(openReceipt(given, disclosures));
    const trusted = await withKeysOf(pinned, client, 'receipt', receipt);
    const report = await verifyReceipt(receipt, { ...trusted, primitives });
    refuseOtherReceipt(source, report);
    if (flags.json) printJson(report);
    else printText(reportText(report, process.stdout));
    if (report.checks.some(({ id, code }) => id === 'content' && code === 'sealed')) {
      say('the receipt discloses nothing: pass --opening FILE, or --content FILE and --salt FILE.');
    }
    if (report.verdict === 'invalid') await output?.discard();
    else if (output !== undefined) await emitReceipt(receipt, output);
    return exitCodeOf(report.verdict, 'authentic');
  } catch (error) {
    await output?.discard();
    throw error;
  }
}

function refuseContradictions(
  argument: string,
  { opening, content, salt, intent, strip, logPolicy, logKey = [] }: OpenFlags,
): void {
  const wrong = (message: string) => new CommandFailure('usage', message);
  const given = [opening, content, salt, intent];
  if (strip && given.some((file) => file !== undefined)) {
    throw wrong(
      '--strip takes out what a receipt discloses, so there is nothing to put in: leave the other files away',
    );
  }
  if (opening !== undefined && (content ?? salt) !== undefined) {
    throw wrong('--opening holds content and salt already: pass it, or --content and --salt');
  }
  if ((content === undefined) !== (salt === undefined)) {
    throw wrong('--content and --salt go together: neither opens an entry without the other');
  }
  refuseStdinTwice(argument, ...given, logPolicy, ...logKey);
}

async function readDisclosures(flags: OpenFlags): Promise<Disclosures | undefined> {
  const { opening, content, salt, intent } = flags;
  const kept = opening === undefined ? undefined : await readOpening(opening);
  const disclosures: Disclosures = {
    ...(kept && { content: kept.content, salt: kept.salt }),
    ...(content !== undefined && { content: await readObject(content, 'the content') }),
    ...(salt !== undefined && { salt: await readSalt(salt, (file) => readInput(file, MAX_FILE_BYTES)) }),
    ...(intent !== undefined && { intent: await readObject(intent, 'the intent') }),
  };
  return Object.keys(disclosures).length === 0 ? undefined : disclosures;
}

async function readObject(path: string, what: string) {
  const json = await readJsonInput(path, what, MAX_FILE_BYTES);
  if (isObject(json)) return json;
  throw new CommandFailure('file_malformed', `${what} (${path}) is no JSON object`);
}

function changed(receipt: ReturnType<typeof openReceipt>): Uint8Array {
  if (receipt.ok) return utf8Encode(receipt.value);
  throw new CommandFailure('evidence_refused', `the receipt cannot be opened so: ${receipt.detail} (${receipt.code})`);
}
