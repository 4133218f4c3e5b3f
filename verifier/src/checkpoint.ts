/**
 * Checkpoints (https://c2sp.org/tlog-checkpoint): the note text that states a log's tree.
 *
 *     example.com/behind-the-sofa                     origin
 *     20852163                                        tree size
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=    root hash
 *                                                     then extension lines, which our logs don't write
 */
import { base64Decode, base64Encode } from './base64.ts';
import { parseDecimal } from './decimal.ts';
import { type Failure, fail, ok, type Result } from './result.ts';

export type Checkpoint = {
  readonly origin: string;
  /** Leaves; a safe integer. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Opaque lines; other people's logs have them. */
  readonly extensions: readonly string[];
};

const ROOT_LENGTH = 32;

/** @returns the note text, newline at the end. @throws TypeError or RangeError for what no checkpoint can say. */
export function formatCheckpoint({ origin, size, root }: Omit<Checkpoint, 'extensions'>): string {
  if (origin === '' || origin.includes('\n')) throw new TypeError('origin: empty, or more than a line');
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('size: not a non-negative safe integer');
  if (root.length !== ROOT_LENGTH) throw new RangeError('root: a root hash has 32 bytes');
  return `${origin}\n${size}\n${base64Encode(root)}\n`;
}

/** @param noteText the `text` of a note whose signatures were verified. @returns `checkpoint_malformed`. */
export function parseCheckpoint(noteText: string): Result<Checkpoint> {
  if (!noteText.endsWith('\n')) return malformed('no newline at the end');
  const [origin = '', sizeLine = '', rootLine = '', ...extensions] = noteText.slice(0, -1).split('\n');
  if (origin === '') return malformed('no origin');
  const size = parseDecimal(sizeLine);
  if (!size.ok) return malformed('the tree size is not a canonical decimal up to 2^53 − 1');
  const root = base64Decode(rootLine);
  // A shorter root would make degenerate proofs pass.
  if (!root.ok || root.value.length !== ROOT_LENGTH) return malformed('the root hash is not base64 of 32 bytes');
  if (extensions.includes('')) return malformed('an empty extension line');
  return ok({ origin, size: size.value, root: root.value, extensions });
}

function malformed(detail: string): Failure {
  return fail('checkpoint_malformed', `checkpoint: ${detail}`);
}
