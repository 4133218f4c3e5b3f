/**
 * Two signed heads of one log, side by side: whether the larger tree extends the smaller one (RFC 9162 §2.1.4.2), or whether
 * the log signed two histories. A head is a checkpoint (C2SP tlog-checkpoint) or an STH (RFC 6962 §3.5), one of each too.
 *
 *     const compared = await compareHeads({ older: { checkpoint }, newer: { sth }, proof }, { logKeys });
 *     compared.ok && compared.value.relation     // 'consistent', or 'fork': evidence that anybody can check again
 *
 * A proof that does not fit proves nothing, as anybody can write one: then the comparison fails. A fork is shown by the log's own
 * signatures and by hashes: by two roots of one size, or by the root that the newer tree has at the older size (`fromRoot`),
 * proved to be in it, where that is not the root that the older head states.
 */
import { equalBytes, hexEncode } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { checkConsistency } from './consistency.ts';
import { named } from './document.ts';
import { bareKeyPolicy } from './log-policy.ts';
import { emptyRoot } from './merkle.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { parseNote, verifyNote } from './signed-note.ts';
import { verifySignedTreeHead } from './tree-head.ts';
import type { NoteVerifier } from './vkey.ts';

/** A signed note, or the body of `get-sth`. */
export type UnverifiedHead = { readonly checkpoint: string } | { readonly sth: string | Uint8Array };

export type UnverifiedHeads = {
  readonly older: UnverifiedHead;
  /** Of the same size or larger. */
  readonly newer: UnverifiedHead;
  /** From the older size to the newer; empty for equal sizes, and from size 0. */
  readonly proof: readonly Uint8Array[];
  /** To show a fork: the root, 32 bytes, from which the proof leads to the newer one, where it is not the older head's. */
  readonly fromRoot?: Uint8Array | undefined;
};

export type ComparedHeads = {
  /** fork: the log signed both, and no tree has both. */
  readonly relation: 'consistent' | 'fork';
  /** In words. */
  readonly detail: string;
  readonly older: ComparedHead;
  readonly newer: ComparedHead;
};

export type ComparedHead = { readonly size: number; readonly root: Uint8Array };

/**
 * Fails with what is wrong with a head (the codes of `verifyNote`, `parseCheckpoint`, `verifySignedTreeHead`, `origin_mismatch`), or
 * with the codes of `checkConsistency`: then neither is shown. Rejects with TypeError for a key that is no vkey, and for keys of
 * several logs or none.
 *
 * @param options.logKeys vkeys of the one log, pinned by the caller; any of them may have signed.
 */
export async function compareHeads(
  { older, newer, proof, fromRoot }: UnverifiedHeads,
  options: { readonly logKeys: readonly string[]; readonly primitives?: Primitives },
): Promise<Result<ComparedHeads>> {
  const { primitives = webCryptoPrimitives } = options;
  const keys = bareKeyPolicy(options.logKeys).logs.map(({ key }) => key);
  if (new Set(keys.map(({ name }) => name)).size !== 1) throw new TypeError('logKeys: not of one log');
  const first = named('older: ', await readHead(older, keys, primitives));
  if (!first.ok) return first;
  const second = named('newer: ', await readHead(newer, keys, primitives));
  if (!second.ok) return second;
  const heads = { older: first.value, newer: second.value };
  const fork = forkOf(first.value, second.value, { proof, fromRoot }, primitives);
  if (fork !== undefined) return ok({ relation: 'fork', detail: fork, ...heads });
  const { size: from, root } = first.value;
  const { size: to, root: toRoot } = second.value;
  const checked = checkConsistency({ from, to, fromRoot: root, toRoot, proof }, primitives.sha256);
  if (!checked.ok) return checked;
  return ok({ relation: 'consistent', detail: `The tree of size ${to} extends the tree of size ${from}.`, ...heads });
}

async function readHead(
  head: UnverifiedHead,
  keys: readonly NoteVerifier[],
  primitives: Primitives,
): Promise<Result<ComparedHead>> {
  if ('sth' in head) return readTreeHead(head.sth, keys, primitives);
  const note = parseNote(head.checkpoint);
  if (!note.ok) return note;
  const checkpoint = parseCheckpoint(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  const { origin, size, root } = checkpoint.value;
  // A log signs under its origin's name: what another name's key signed here is not its head.
  if (keys[0]?.name !== origin) return fail('origin_mismatch', `a checkpoint of ${origin}`);
  const verified = await verifyNote(note.value, keys, primitives);
  return verified.ok ? ok({ size, root }) : verified;
}

/** An STH does not say by which key: the first one's failure, unless one signed. */
async function readTreeHead(
  sth: string | Uint8Array,
  keys: readonly NoteVerifier[],
  primitives: Primitives,
): Promise<Result<ComparedHead>> {
  const results = await Promise.all(keys.map(({ publicKey }) => verifySignedTreeHead(sth, publicKey, primitives)));
  const verified = results.find((result) => result.ok) ?? results[0]!;
  return verified.ok ? ok({ size: verified.value.size, root: verified.value.root }) : verified;
}

/** Why no tree has both heads, as far as that is proved. */
function forkOf(
  older: ComparedHead,
  newer: ComparedHead,
  { proof, fromRoot }: Pick<UnverifiedHeads, 'proof' | 'fromRoot'>,
  { sha256 }: Primitives,
): string | undefined {
  for (const { size, root } of [older, newer]) {
    if (size === 0 && !equalBytes(root, emptyRoot(sha256)))
      return 'A tree of size 0 has a root that no empty tree has.';
  }
  if (older.size === newer.size && !equalBytes(older.root, newer.root)) {
    return `Two trees of size ${older.size} have different roots, ${hexEncode(older.root)} and ${hexEncode(newer.root)}.`;
  }
  if (fromRoot === undefined || equalBytes(fromRoot, older.root)) return undefined;
  const { size: from } = older;
  const { size: to, root: toRoot } = newer;
  if (!checkConsistency({ from, to, fromRoot, toRoot, proof }, sha256).ok) return undefined;
  return `The tree of size ${to} has the root ${hexEncode(fromRoot)} at size ${from}, where the log signed ${hexEncode(older.root)}.`;
}
