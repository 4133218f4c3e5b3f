import { attachConsumption, MAX_RECEIPT_BYTES, type Report, utf8Encode, verifyReceipt } from '@assent/verifier';
import { readApiKey, readOwnersApiKey } from '../api-key.ts';
import { checkReceipt } from '../check-receipt.ts';
import type { ConsumeFlags } from '../commands/consume.ts';
import { type Attempt, newAttempt, readAttempt } from '../consume/attempt-file.ts';
import { boundaryName, refuseUnlessConsumable } from '../consume/consumable.ts';
import { emitReceipt } from '../emit-receipt.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { readInput, refuseStdinTwice } from '../files/read-input.ts';
import { LogClient } from '../http/log-client.ts';
import { withKeysOf } from '../keys-of-evidence.ts';
import { parseLogUrl } from '../log-url.ts';
import { type Pinned, readPinned } from '../pinned.ts';
import { readPinnedAuthority } from '../pinned-authority.ts';
import { primitives } from '../primitives.ts';
import { findReceipt, readReceipt, refuseOtherReceipt } from '../receipt-source.ts';
import { loadSigningKey } from '../signing-key.ts';
import { holdsSubmission } from '../submission.ts';
import { printJson, say } from '../terminal/output.ts';
import { waitForWitnesses } from '../wait-for-witnesses.ts';

export async function consume(argument: string, flags: ConsumeFlags): Promise<ExitCode> {
  refuseContradictions(argument, flags);
  const log = flags.log === undefined ? undefined : parseLogUrl(flags.log);
  const timeoutMs = flags.timeout * 1000;
  const source = findReceipt(argument, { log: log !== undefined, offline: flags.offline === true });
  const file = attemptFile(argument, source.kind === 'file', flags);
  const key = await loadSigningKey(flags.key, flags.passphraseFile);
  const { keyid } = key.publicKey;
  const apiKey = log && (await readApiKey(flags.apiKeyFile, log));
  const authority = await readPinnedAuthority(flags);
  const pinned = await readPinned(flags);
  const boundary = boundaryName(authority, keyid, flags.boundary, Date.now());
  const intent = flags.intent === undefined ? undefined : await readInput(flags.intent, MAX_RECEIPT_BYTES);
  const client = log && new LogClient(log, timeoutMs, await readOwnersApiKey(flags.apiKeyFile, log));
  const receipt = await readReceipt(source, client, timeoutMs);
  const trusted = await withKeysOf(pinned, client, 'receipt', receipt);
  const judge = (text: Uint8Array | string, attempt?: Attempt): Promise<Report> =>
    verifyReceipt(text, {
      ...trusted,
      ...authority,
      primitives,
      // Each time: whoever waits for witnesses may wait until it has expired.
      at: Date.now(),
      ...(intent !== undefined && { intent }),
      ...(attempt && { boundary: { keyid, attempt: attempt.attempt } }),
    });
  const report = await judge(receipt);
  refuseOtherReceipt(source, report);
  const approval = refuseUnlessConsumable(report, keyid, flags.require);
  const consumer = { approval: approval.statement_digest, intent: approval.intent_digest, boundary, key };
  const output = flags.output === undefined ? undefined : await OutputFile.prepare(flags.output);
  try {
    const attempt = await (flags.resume ? readAttempt(file, consumer) : newAttempt(file, consumer));
    if (client === undefined || apiKey === undefined) {
      await output?.discard();
      return sayPrepared(file, consumer.approval, attempt, flags);
    }
    const consumption = await logConsumption(client, apiKey, attempt, consumer.approval, trusted, flags);
    const attached = attachConsumption(receipt, consumption);
    if (!attached.ok) throw new CommandFailure('receipt_refused', `the receipt of the consumption: ${attached.detail}`);
    const judged = await judge(attached.value, attempt);
    await emitReceipt(utf8Encode(attached.value), output);
    say(`${judged.verdict}: ${judged.summary}`);
    return exitCodeOf(judged.verdict, flags.require);
  } catch (error) {
    await output?.discard();
    throw error;
  }
}

function refuseContradictions(argument: string, flags: ConsumeFlags): void {
  const wrong = (message: string) => new CommandFailure('usage', message);
  refuseStdinTwice(argument, flags.intent, flags.trustVersions, flags.approvalPolicy, flags.logPolicy);
  if ((flags.log === undefined) === (flags.offline === undefined)) {
    throw wrong('pass --log URL, the log to consume it in, or --offline to prepare it');
  }
  if (flags.offline && flags.resume) throw wrong('--resume sends what --offline prepared: pass --log with it');
  if (flags.wait === 'witnessed' && flags.logPolicy === undefined) {
    throw wrong('--wait witnessed needs --log-policy FILE, which says whose cosignatures are waited for');
  }
}

function attemptFile(argument: string, isFile: boolean, { attempt }: ConsumeFlags): string {
  if (attempt !== undefined) return attempt;
  if (isFile && argument !== '-') return `${argument.replace(/\.receipt\.json$|\.json$/, '')}.consumption.json`;
  throw new CommandFailure('usage', 'pass --attempt FILE: the consumption has to be on disk before it is sent');
}

function sayPrepared(file: string, approval: string, { attempt, keyid }: Attempt, { json }: ConsumeFlags): ExitCode {
  if (json) printJson({ type: 'assent/consumption-prepared/v1', approval, attempt, boundary: keyid, file });
  say(
    `the consumption is signed and in ${file}, and nothing was sent: the approval is not used up, and nothing may run yet.`,
    'The same command with --log and --resume, and without --offline, consumes it.',
  );
  return EXIT.ok;
}

/** The receipt of the consumption, verified. Throws a CommandFailure where another one was first. */
async function logConsumption(
  client: LogClient,
  apiKey: string,
  { envelope }: Attempt,
  approval: string,
  trusted: Pinned,
  flags: ConsumeFlags,
): Promise<Uint8Array> {
  const consumed = await client.consume(envelope, apiKey);
  const report = await checkReceipt(consumed.unverifiedReceipt, trusted);
  if (consumed.by === 'another') throw takenBy(report, approval);
  if (!holdsSubmission(consumed.unverifiedReceipt, { kind: 'consumption', content: envelope })) {
    throw new CommandFailure(
      'receipt_refused',
      'the log answered with the receipt of something else than what was sent',
    );
  }
  const index = report.log?.index;
  say(
    consumed.created
      ? `consumed: entry ${index} of ${report.log?.origin}`
      : `it was consumed by this very attempt before: entry ${index}`,
  );
  if (flags.wait === 'signed' || index === undefined) return consumed.unverifiedReceipt;
  const waited = await waitForWitnesses(client, { kind: 'index', index }, trusted, flags.timeout * 1000);
  if (waited.late) say(`the witnesses have not cosigned the consumption within ${flags.timeout} s (--timeout)`);
  return waited.unverifiedReceipt;
}

/** Believed only with the receipt that shows it: it may be the reason why somebody has to be asked again. */
function takenBy({ consumption, log }: Report, approval: string): CommandFailure {
  if (consumption?.approval !== approval) {
    const message = 'the log says that the approval is consumed already, with the receipt of something else';
    return new CommandFailure('receipt_refused', message);
  }
  const { boundary, at } = consumption;
  const message = `the approval was consumed already, by ${boundary} at ${at}: it must not be run by this boundary`;
  return new CommandFailure('conflict', message, { ...(log && { index: log.index }) });
}
