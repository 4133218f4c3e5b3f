/**
 * Evidence that only a key signed which the log has replaced (formats.md §5), judged by somebody who pins nothing and so goes by the
 * log's own word for its keys. What such a key signed must not read as forged from then on; but whoever has got hold of the key can
 * sign with it what he likes, and date it back. So it counts for what is in the log of today: for a head whose tree the head of now,
 * by a key of now, extends.
 *
 *     const by = await checkRetiredKey(checkpoint, { logKeys, retired }, async ({ size }) => askLog(size));
 *     by.ok && by.value && { logKeys: [...logKeys, by.value.vkey] }     // to judge this evidence with, and no other
 */
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { checkConsistency } from './consistency.ts';
import { bareKeyPolicy } from './log-policy.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { type Note, parseNote, verifyNote } from './signed-note.ts';
import type { NoteVerifier } from './vkey.ts';

/** Nothing of it is believed. */
export type UnverifiedGrowth = {
  /** The log's signed note of now. */
  readonly checkpoint: string;
  /** The consistency proof from the size that was asked for to that one. */
  readonly proof: readonly Uint8Array[];
};

/**
 * Which of the keys that the log signs with no more is to count for this evidence; undefined where that is no question, as a key
 * of now signed it, or none of all.
 *
 * Fails where one signed it and does not count: with `index_out_of_range` if there is no head of now as large, with the codes of
 * {@link checkConsistency}, `origin_mismatch`, or those of {@link verifyNote} and {@link parseCheckpoint} for the head of now.
 * Rejects with TypeError for a key that is no vkey, and as `grow` does.
 *
 * @param checkpoint as the evidence holds it. @param keys of the log, by its own word
 * @param grow asks the log how it goes on from a head of that size; undefined where it shows nothing
 */
export async function checkRetiredKey<Retired extends { readonly vkey: string }>(
  checkpoint: string | Uint8Array,
  keys: {
    readonly logKeys: readonly string[];
    readonly retired: readonly Retired[];
    readonly primitives?: Primitives;
  },
  grow: (kept: Checkpoint) => Promise<UnverifiedGrowth | undefined>,
): Promise<Result<Retired | undefined>> {
  const { logKeys, retired, primitives = webCryptoPrimitives } = keys;
  const kept = readHead(checkpoint);
  if (!kept.ok) return ok(undefined); // who judges the evidence says what is wrong with it
  const { origin, size, root } = kept.value;
  const current = verifiersOf(logKeys, origin);
  const by = retired.find(({ vkey }) => isSigner(kept.value.note, verifiersOf([vkey], origin)));
  if (by === undefined || isSigner(kept.value.note, current)) return ok(undefined);
  const signed = await verifyNote(kept.value.note, verifiersOf([by.vkey], origin), primitives);
  if (!signed.ok) return ok(undefined); // somebody wrote its name there

  const growth = await grow(kept.value);
  if (growth === undefined) return fail('index_out_of_range', `the log shows no tree of size ${size} or more`);
  const now = readHead(growth.checkpoint);
  if (!now.ok) return now;
  if (now.value.origin !== origin) return fail('origin_mismatch', `the head of now is of ${now.value.origin}`);
  const isNow = await verifyNote(now.value.note, current, primitives);
  if (!isNow.ok) return isNow;
  const heads = { from: size, to: now.value.size, fromRoot: root, toRoot: now.value.root };
  const extended = checkConsistency({ ...heads, proof: growth.proof }, primitives.sha256);
  if (extended.ok) return ok(by);
  return fail(
    extended.code,
    `the tree of size ${heads.to} does not extend the one of size ${size}: ${extended.detail}`,
  );
}

function readHead(checkpoint: string | Uint8Array): Result<Checkpoint & { readonly note: Note }> {
  const note = parseNote(checkpoint);
  if (!note.ok) return note;
  const head = parseCheckpoint(note.value.text);
  return head.ok ? ok({ ...head.value, note: note.value }) : head;
}

/** A log signs under its origin's name. */
function verifiersOf(vkeys: readonly string[], origin: string): readonly NoteVerifier[] {
  return bareKeyPolicy(vkeys)
    .logs.map(({ key }) => key)
    .filter(({ name }) => name === origin);
}

/** By name and key id: its signature is yet to be verified. */
function isSigner({ signatures }: Note, keys: readonly NoteVerifier[]): boolean {
  return keys.some((key) => signatures.some(({ name, keyId }) => name === key.name && keyId === key.keyId));
}
