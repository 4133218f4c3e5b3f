/**
 * Transparency log proofs (https://c2sp.org/tlog-proof): an entry's index, its inclusion proof and the checkpoint.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra YWdl                                       optional; signed by nobody
 *     index 73894
 *     gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=     zero or more hashes, from the leaf's sibling up
 *
 *     …the checkpoint, a signed note, verbatim…
 */
import { base64Decode, base64Encode } from './base64.ts';
import { parseDecimal } from './decimal.ts';
import { type Failure, fail, ok, type Result } from './result.ts';

export type TlogProof = {
  readonly index: number;
  /** Hashes of 32 bytes. Whether their number fits the tree is for `checkInclusion` to say. */
  readonly proof: readonly Uint8Array[];
  /** Not authenticated: nothing may rest on it. */
  readonly extra?: Uint8Array;
  /** The signed note; not parsed here. */
  readonly checkpoint: string;
};

const HEADER = 'c2sp.org/tlog-proof@v1';
const HASH_LENGTH = 32;
/** A tree whose size is a safe integer is 53 levels high. */
const MAX_HASHES = 53;
const MAX_LENGTH = 2_000_000;

/** @returns `proof_malformed`, or `too_large` over two million characters. */
export function parseTlogProof(text: string): Result<TlogProof> {
  if (text.length > MAX_LENGTH) return fail('too_large', `proof: over ${MAX_LENGTH} characters`);
  const end = text.indexOf('\n\n');
  if (end < 0) return malformed('no empty line before the checkpoint');
  const lines = text.slice(0, end).split('\n');
  if (lines.shift() !== HEADER) return malformed(`the first line is not ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? base64Decode(lines.shift()!.slice('extra '.length)) : undefined;
  // "If no extra data is present, this line is omitted": an empty one would be a second form of the same proof.
  if (extra !== undefined && (!extra.ok || extra.value.length === 0)) return malformed('extra is not base64');
  const indexLine = lines.shift() ?? '';
  const index = parseDecimal(indexLine.slice('index '.length));
  if (!indexLine.startsWith('index ') || !index.ok) return malformed('no index line with a canonical decimal');
  if (lines.length > MAX_HASHES) return malformed(`over ${MAX_HASHES} hashes`);
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = base64Decode(line);
    if (!hash.ok || hash.value.length !== HASH_LENGTH) return malformed('a hash is not base64 of 32 bytes');
    proof.push(hash.value);
  }
  const checkpoint = text.slice(end + 2);
  if (checkpoint === '') return malformed('no checkpoint');
  return ok({ index: index.value, proof, checkpoint, ...(extra === undefined ? {} : { extra: extra.value }) });
}

/** @throws RangeError for an index or a proof that could not be read back. The checkpoint goes in verbatim. */
export function formatTlogProof({ index, proof, extra, checkpoint }: TlogProof): string {
  if (!Number.isSafeInteger(index) || index < 0) throw new RangeError('index: not a non-negative safe integer');
  if (proof.length > MAX_HASHES) throw new RangeError(`proof: over ${MAX_HASHES} hashes`);
  if (proof.some((hash) => hash.length !== HASH_LENGTH)) throw new RangeError('proof: a hash has 32 bytes');
  if (checkpoint === '') throw new RangeError('checkpoint: empty');
  const extraLine = extra === undefined || extra.length === 0 ? '' : `extra ${base64Encode(extra)}\n`;
  const hashes = proof.map((hash) => `${base64Encode(hash)}\n`).join('');
  return `${HEADER}\n${extraLine}index ${index}\n${hashes}\n${checkpoint}`;
}

function malformed(detail: string): Failure {
  return fail('proof_malformed', `proof: ${detail}`);
}
