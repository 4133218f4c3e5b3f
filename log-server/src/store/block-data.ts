import { constants, inflateRawSync } from 'node:zlib';
import { fail, MAX_ENTRY_SIZE, parseBundle, type Result } from '@assent/verifier';
import { BLOCK_ENTRIES } from './append-batch.ts';
import { Inflater } from './inflater.ts';

/** An inflated block can't be larger than this: 16 entries, each with its length. */
const MAX_BLOCK_BYTES = BLOCK_ENTRIES * (MAX_ENTRY_SIZE + 2);
/** Approvals deflate to less than a third, so most blocks fit into one piece of this size, and none has to be put together. */
function pieceSize(data: Uint8Array): number {
  return Math.min(Math.max(1_024, 4 * data.length), 64 * 1_024);
}

/** The entries of a stored block, which is the raw deflate of their C2SP bundle. Fails with `bundle_malformed`. */
export function inflateBlock(data: Uint8Array): Result<Uint8Array[]> {
  let bundle: Buffer;
  try {
    bundle = inflateRawSync(data, { maxOutputLength: MAX_BLOCK_BYTES, chunkSize: pieceSize(data) });
  } catch {
    return fail('bundle_malformed', 'the block does not inflate');
  }
  return parseBundle(bundle);
}

const inflater = new Inflater();

/**
 * The entry at this place of a block, from the beginning of the block's data; undefined when it is not all there, or nothing
 * that can be read. Nobody else has its bytes.
 */
export function inflateEntry(beginning: Uint8Array, place: number): Uint8Array | undefined {
  const bundle = inflater.inflate(beginning) ?? inflateOnce(beginning);
  if (bundle === undefined) return undefined;
  let at = 0;
  for (let before = 0; before < place && at + 2 <= bundle.length; before++) at += 2 + bundle.readUInt16BE(at);
  if (at + 2 > bundle.length) return undefined;
  const end = at + 2 + bundle.readUInt16BE(at);
  return end <= bundle.length ? Buffer.from(bundle.subarray(at + 2, end)) : undefined;
}

/** What there is of a block's bundle, however much it is. */
function inflateOnce(beginning: Uint8Array): Buffer | undefined {
  try {
    return inflateRawSync(beginning, {
      maxOutputLength: MAX_BLOCK_BYTES,
      chunkSize: pieceSize(beginning),
      // Not an error if it ends before the stream does.
      finishFlush: constants.Z_SYNC_FLUSH,
    });
  } catch {
    return undefined;
  }
}
