import { formatTime, MAX_RECEIPT_BYTES, parseTime, verifyReceipt } from '@assent/verifier';
import { readOwnersApiKey } from '../api-key.ts';
import type { EvidenceKind, VerifyFlags } from '../commands/verify.ts';
import { detectKind } from '../evidence/evidence-kind.ts';
import { type EvidenceReport, evidenceText } from '../evidence/evidence-report.ts';
import { type ProofSource, verifyConsistency } from '../evidence/verify-consistency.ts';
import { verifyHead } from '../evidence/verify-head.ts';
import { verifyEntryProof, verifyMisbehaviourProof } from '../evidence/verify-log-proof.ts';
import { type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { readInput, refuseStdinTwice } from '../files/read-input.ts';
import { LogClient } from '../http/log-client.ts';
import { checkpointIn, withKeysOf } from '../keys-of-evidence.ts';
import { openLogSource } from '../log-source/log-source.ts';
import { parseLogUrl } from '../log-url.ts';
import { otherSigners } from '../other-signers.ts';
import { type Pinned, readPinned } from '../pinned.ts';
import { readPinnedAuthority } from '../pinned-authority.ts';
import { primitives } from '../primitives.ts';
import { findReceipt, readReceipt, refuseOtherReceipt } from '../receipt-source.ts';
import { printJson, printText, say } from '../terminal/output.ts';
import { reportText } from '../terminal/report-text.ts';

/** A signed note is at most 1 MB, and a proof has 64 hashes at most. */
const MAX_HEAD_BYTES = 1_000_000;
const MAX_PROOF_BYTES = 64 * 1024;
const TILE_READS = 8;
const ATTEMPTS = 3;

export async function verify(argument: string, flags: VerifyFlags): Promise<ExitCode> {
  const { intent: intentFile, logPolicy, trustVersions, approvalPolicy, logKey = [], entry, older, proof } = flags;
  refuseStdinTwice(argument, intentFile, logPolicy, trustVersions, approvalPolicy, entry, older, proof, ...logKey);
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
  const evidence = await readReceipt(source, client, timeoutMs);
  const kind = flags.kind ?? (source.kind === 'reference' ? 'receipt' : detectKind(evidence));
  refuseFlagsOfOtherKinds(kind, flags);
  const trusted = await withKeysOf(pinned, client, flags.older === undefined ? kind : 'misbehaviour', evidence);
  if (kind !== 'receipt') {
    const exitCode = await verifyOther(kind, evidence, trusted, flags);
    sayWhatToPin(trusted, flags, checkpointIn(kind, evidence));
    return exitCode;
  }
  const report = await verifyReceipt(evidence, {
    ...trusted,
    ...authority,
    primitives,
    ...(intent !== undefined && { intent }),
    ...(at !== undefined && { at }),
  });
  refuseOtherReceipt(source, report);
  if (flags.json) printJson(report);
  else printText(reportText(report, process.stdout));
  sayWhatToPin(trusted, flags, checkpointIn(kind, evidence));
  if (report.verdict === 'authentic' && flags.require === 'authorized') {
    say('the receipt is authentic, and --require asks for authorized: some checks had nothing to go by.');
  }
  return exitCodeOf(report.verdict, flags.require);
}

async function verifyOther(
  kind: Exclude<EvidenceKind, 'receipt'>,
  evidence: Uint8Array,
  pinned: Pinned,
  flags: VerifyFlags,
): Promise<ExitCode> {
  const show = (report: EvidenceReport): ExitCode => {
    if (flags.json) printJson(report);
    else printText(evidenceText(report, process.stdout));
    return exitCodeOf(report.verdict, 'authentic');
  };
  if (kind === 'misbehaviour') return show(await verifyMisbehaviourProof(evidence, pinned));
  if (kind === 'tlog-proof') {
    const entry = flags.entry === undefined ? undefined : await readInput(flags.entry, MAX_RECEIPT_BYTES);
    return show(await verifyEntryProof(evidence, entry, pinned));
  }
  const newer = { kind, bytes: evidence };
  if (flags.older === undefined) return show(await verifyHead(newer, pinned));
  const bytes = await readInput(flags.older, MAX_HEAD_BYTES);
  const older = { kind: detectKind(bytes) === 'sth' ? 'sth' : 'checkpoint', bytes } as const;
  const output = flags.output === undefined ? undefined : await OutputFile.prepare(flags.output);
  const from = await proofSource(flags);
  try {
    const { report, misbehaviour } = await verifyConsistency(older, newer, from, pinned);
    const exitCode = show(report);
    if (misbehaviour === undefined) await output?.discard();
    else if (output !== undefined) await output.commit(misbehaviour);
    else say('this proves that the log misbehaved: keep it with -o FILE, for everybody to check.');
    return exitCode;
  } catch (error) {
    await output?.discard();
    throw error;
  } finally {
    if (from.kind === 'log') await from.source.close();
  }
}

async function proofSource({ proof, log, timeout }: VerifyFlags): Promise<ProofSource> {
  if (proof !== undefined) return { kind: 'file', bytes: await readInput(proof, MAX_PROOF_BYTES) };
  if (log === undefined) return { kind: 'none' };
  const { signal } = new AbortController();
  const options = { timeoutMs: timeout * 1000, concurrency: TILE_READS, attempts: ATTEMPTS, signal };
  return { kind: 'log', source: await openLogSource(parseLogUrl(log).href, options) };
}

const FLAGS_OF_KINDS: Readonly<Record<string, readonly EvidenceKind[]>> = {
  intent: ['receipt'],
  at: ['receipt'],
  trustRoot: ['receipt'],
  approvalPolicy: ['receipt'],
  apiKeyFile: ['receipt'],
  entry: ['tlog-proof'],
  older: ['checkpoint', 'sth'],
};

/** A flag that means nothing for what is judged would make a verdict look as if it had been heard. */
function refuseFlagsOfOtherKinds(kind: EvidenceKind, flags: VerifyFlags): void {
  for (const [name, kinds] of Object.entries(FLAGS_OF_KINDS)) {
    if (kinds.includes(kind) || !Object.hasOwn(flags, name)) continue;
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const is = flags.kind === undefined ? 'this looks like' : '--kind says';
    throw new CommandFailure('usage', `${flag} goes with ${kinds.join(' or ')}, and ${is} ${kind}`);
  }
  if (kind !== 'receipt' && flags.require === 'authorized') {
    throw new CommandFailure('usage', `--require authorized goes with receipts: ${kind} authorizes nothing`);
  }
  if (flags.older === undefined && (flags.proof ?? flags.output) !== undefined) {
    throw new CommandFailure('usage', `${flags.proof === undefined ? '-o' : '--proof'} goes with --older FILE`);
  }
}

function sayWhatToPin(
  { logKeys }: Pinned,
  { logPolicy }: VerifyFlags,
  checkpoint: string | Uint8Array | undefined,
): void {
  if (logKeys.length > 0) {
    const others = checkpoint === undefined ? '' : otherSigners(checkpoint, logKeys);
    if (others !== '') say(`the given key did not sign this${others}.`);
    return;
  }
  const given = logPolicy === undefined ? 'no key of the log was given' : `${logPolicy} lists no log`;
  say(`${given}, so nobody knows who signed this. Pass --log-key VKEY|FILE, or --log URL to ask the log for its key.`);
}

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'now') return Date.now();
  const time = parseTime(text.replace(/(:[0-9]{2})Z$/, '$1.000Z'));
  if (time.ok) return time.value;
  throw new CommandFailure('usage', `--at takes "now" or a time in UTC such as ${formatTime(Date.now())}`);
}
