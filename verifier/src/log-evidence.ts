/**
 * What a receipt's proof shows: that the entry is in the tree (`inclusion`), that the log signed the tree's head
 * (`checkpoint`), and who else saw it (`witnesses`). Formats.md §5, §6 and §11; C2SP tlog-proof, tlog-checkpoint,
 * signed-note; RFC 6962 §2.1.
 */
import { base64Encode } from './base64.ts';
import { hexEncode } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { inclusionRoot } from './inclusion.ts';
import { leafHash } from './merkle.ts';
import type { PinnedLogs } from './pinned-logs.ts';
import type { Primitives } from './primitives.ts';
import { type Check, failed, type LogFacts, passed, skipped, type WitnessFacts } from './report.ts';
import { fail, ok, type Result } from './result.ts';
import { type Note, parseNote, verifyNote } from './signed-note.ts';
import { parseTlogProof, type TlogProof } from './tlog-proof.ts';
import type { NoteVerifier } from './vkey.ts';
import { checkCosignatures } from './witness-evidence.ts';

/** What a receipt's proof holds, each part read as far as it can be. */
export type UnverifiedLogProof = {
  readonly proof: Result<TlogProof>;
  readonly head: Result<TreeHead>;
  /** Of the tree head. */
  readonly origin?: string;
};

export type TreeHead = { readonly note: Note; readonly checkpoint: Checkpoint };

export type LogEvidence = {
  readonly inclusion: Check;
  readonly checkpoint: Check;
  readonly witnesses: Check;
  /** What the proof says, as soon as it could be read; whether it is so the checks say. */
  readonly unverifiedFacts?: LogFacts;
  /** Only when the log signed the tree head. */
  readonly witnessFacts?: WitnessFacts;
};

export function readLogProof(unverifiedProof: string): UnverifiedLogProof {
  const proof = parseTlogProof(unverifiedProof);
  if (!proof.ok) return { proof, head: proof };
  const head = readTreeHead(proof.value.checkpoint);
  return head.ok ? { proof, head, origin: head.value.checkpoint.origin } : { proof, head };
}

export function readTreeHead(checkpoint: string | Uint8Array): Result<TreeHead> {
  const note = parseNote(checkpoint);
  if (!note.ok) return note;
  const parsed = parseCheckpoint(note.value.text);
  return parsed.ok ? ok({ note: note.value, checkpoint: parsed.value }) : parsed;
}

/** @param pinned the verifier's own. Never rejects for bad evidence. */
export async function checkLogEvidence(
  entry: Uint8Array,
  { proof, head }: UnverifiedLogProof,
  pinned: PinnedLogs,
  primitives: Primitives,
): Promise<LogEvidence> {
  if (!proof.ok) {
    const needed = 'A readable proof is needed, which holds the tree head.';
    const checkpoint = skipped('checkpoint', 'premise_failed', needed);
    return { inclusion: failed('inclusion', proof), checkpoint, witnesses: withoutSignedHead(checkpoint) };
  }
  if (!head.ok) {
    const needed = 'A readable tree head is needed, whose root the proof leads to.';
    return {
      inclusion: skipped('inclusion', 'premise_failed', needed),
      ...(await checkHead(head, pinned, primitives)),
    };
  }
  // Signatures are verified on another thread where there is one, so they start before the hashing.
  const signatures = checkHead(head, pinned, primitives);
  const { origin, size, root } = head.value.checkpoint;
  const leaf = leafHash(entry, primitives.sha256);
  const inclusion = checkProof(proof.value, leaf, head.value.checkpoint, primitives);
  return {
    inclusion,
    ...(await signatures),
    unverifiedFacts: {
      origin,
      index: proof.value.index,
      size,
      root: `sha256:${hexEncode(root)}`,
      leaf_hash: `sha256:${hexEncode(leaf)}`,
      checkpoint: proof.value.checkpoint,
    },
  };
}

/** Who signed a tree head. Never rejects for bad evidence. */
export async function checkHead(
  head: Result<TreeHead>,
  pinned: PinnedLogs,
  primitives: Primitives,
): Promise<Pick<LogEvidence, 'checkpoint' | 'witnesses' | 'witnessFacts'>> {
  if (!head.ok) {
    const checkpoint = failed('checkpoint', head);
    return { checkpoint, witnesses: withoutSignedHead(checkpoint) };
  }
  const [checkpoint, witnesses] = await Promise.all([
    checkSignedHead(head.value, pinned.logKeys, primitives),
    checkCosignatures(head.value.note, pinned, primitives),
  ]);
  if (checkpoint.status !== 'pass') return { checkpoint, witnesses: withoutSignedHead(checkpoint) };
  return { checkpoint, witnesses: witnesses.check, witnessFacts: witnesses.facts };
}

function checkProof(
  { index, proof }: TlogProof,
  leaf: Uint8Array,
  { size, root }: Checkpoint,
  { sha256 }: Primitives,
): Check {
  const computedRoot = inclusionRoot({ index, size, leafHash: leaf, proof }, sha256);
  if (!computedRoot.ok) return failed('inclusion', computedRoot);
  const values = { expected: base64Encode(root), computed: base64Encode(computedRoot.value) };
  if (values.expected !== values.computed) {
    return failed(
      'inclusion',
      fail('inclusion_mismatch', 'the entry and its proof do not lead to the root of the tree head'),
      values,
    );
  }
  return passed('inclusion', `It has index ${index} in the tree of ${size} entries with this root.`, values);
}

async function checkSignedHead(
  { note, checkpoint }: TreeHead,
  logKeys: readonly NoteVerifier[],
  primitives: Primitives,
): Promise<Check> {
  const { origin } = checkpoint;
  if (logKeys.length === 0) {
    return skipped(
      'checkpoint',
      'no_log_key',
      `The key of the log is needed, in its "name+hash+key" form; the tree head says it is of ${origin}.`,
    );
  }
  // A log signs under its origin's name: a key pinned for one log says nothing about another's tree heads.
  const keys = logKeys.filter(({ name }) => name === origin);
  if (keys.length === 0) {
    const expected = [...new Set(logKeys.map(({ name }) => name))].join(', ');
    return failed('checkpoint', fail('origin_mismatch', 'the tree head is of another log than the given keys'), {
      expected,
      computed: origin,
    });
  }
  const verified = await verifyNote(note, keys, primitives);
  if (verified.ok) return passed('checkpoint', `${origin} signed this tree head.`);
  if (verified.code === 'unsupported') return skipped('checkpoint', 'unsupported', `${verified.detail}.`);
  return failed('checkpoint', verified);
}

function withoutSignedHead({ code }: Check): Check {
  return code === 'no_log_key'
    ? skipped('witnesses', 'no_log_key', 'The key of the log is needed first, and for witnesses a log policy.')
    : skipped('witnesses', 'premise_failed', 'A tree head that the log signed is needed first.');
}
