/**
 * Tree heads and inclusion proofs that come without a receipt (C2SP tlog-checkpoint, tlog-proof), judged by the same checks as
 * those inside one (formats.md §11): `checkpoint` and `witnesses`, and for a proof `inclusion`.
 *
 *     const { verdict } = await verifyCheckpoint(note, { logKeys: ['log.example.com/approvals+7a…+AQ…'] });
 *     verdict     // 'authentic' | 'incomplete' | 'invalid'
 */
import { hexEncode } from './bytes.ts';
import {
  checkHead,
  checkLogEvidence,
  type LogEvidence,
  readLogProof,
  readTreeHead,
  type TreeHead,
} from './log-evidence.ts';
import type { LogPolicy } from './log-policy.ts';
import { pinLogs } from './pinned-logs.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { type Check, type LogFacts, skipped, type Verdict, verdictOf, type WitnessFacts } from './report.ts';

export type HeadFacts = Pick<LogFacts, 'origin' | 'size' | 'root'> & Partial<Pick<LogFacts, 'index' | 'leaf_hash'>>;

export type LogProofReport = {
  readonly verdict: Extract<Verdict, 'authentic' | 'incomplete' | 'invalid'>;
  readonly checks: readonly Check[];
  /** Only when the log signed the head, and the proof leads to its root. */
  readonly log?: HeadFacts & WitnessFacts;
  /** What a head says that could be read, otherwise. */
  readonly unverified_log?: HeadFacts;
};

/** As `VerifyOptions` has them. */
export type LogProofOptions = {
  readonly logKeys?: readonly string[];
  readonly logPolicy?: string | LogPolicy;
  readonly primitives?: Primitives;
};

/** Never rejects for bad evidence; rejects with TypeError on a bad option. */
export async function verifyCheckpoint(
  unverifiedCheckpoint: string | Uint8Array,
  { logKeys, logPolicy, primitives = webCryptoPrimitives }: LogProofOptions,
): Promise<LogProofReport> {
  const head = readTreeHead(unverifiedCheckpoint);
  const evidence = await checkHead(head, pinLogs(logKeys, logPolicy), primitives);
  return conclude([evidence.checkpoint, evidence.witnesses], head.ok ? headFacts(head.value) : undefined, evidence);
}

/**
 * Never rejects for bad evidence; rejects with TypeError on a bad option.
 *
 * @param options.entry the bytes whose place in the log the proof shows. Without them `inclusion` is skipped, so `incomplete`.
 */
export async function verifyTlogProof(
  unverifiedProof: string,
  { entry, logKeys, logPolicy, primitives = webCryptoPrimitives }: LogProofOptions & { readonly entry?: Uint8Array },
): Promise<LogProofReport> {
  const pinned = pinLogs(logKeys, logPolicy);
  const read = readLogProof(unverifiedProof);
  if (entry === undefined && read.proof.ok) {
    const { checkpoint, witnesses, witnessFacts } = await checkHead(read.head, pinned, primitives);
    const detail = 'The bytes of the entry are needed: a proof shows the place of these bytes and of no others.';
    const inclusion = skipped('inclusion', 'premise_failed', detail);
    const facts = read.head.ok ? { ...headFacts(read.head.value), index: read.proof.value.index } : undefined;
    return conclude([inclusion, checkpoint, witnesses], facts, { inclusion, witnessFacts });
  }
  const evidence = await checkLogEvidence(entry ?? new Uint8Array(0), read, pinned, primitives);
  const { inclusion, checkpoint, witnesses, unverifiedFacts } = evidence;
  if (unverifiedFacts === undefined) return conclude([inclusion, checkpoint, witnesses], undefined, evidence);
  const { checkpoint: _note, ...facts } = unverifiedFacts;
  return conclude([inclusion, checkpoint, witnesses], facts, evidence);
}

function headFacts({ checkpoint: { origin, size, root } }: TreeHead): HeadFacts {
  return { origin, size, root: `sha256:${hexEncode(root)}` };
}

function conclude(
  checks: readonly Check[],
  facts: HeadFacts | undefined,
  {
    inclusion,
    witnessFacts,
  }: { readonly inclusion?: Check } & { readonly witnessFacts?: LogEvidence['witnessFacts'] | undefined },
): LogProofReport {
  const verdict = verdictOf(checks, undefined) as LogProofReport['verdict'];
  if (facts === undefined) return { verdict, checks };
  const isShown = witnessFacts !== undefined && (inclusion === undefined || inclusion.status === 'pass');
  return isShown ? { verdict, checks, log: { ...facts, ...witnessFacts } } : { verdict, checks, unverified_log: facts };
}
