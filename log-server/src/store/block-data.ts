import { inflateRawSync } from 'node:zlib';
import { fail, MAX_ENTRY_SIZE, parseBundle, type Result } from '@assent/verifier';
import { BLOCK_ENTRIES } from './append-batch.ts';

/** An inflated block can't be larger than this: 16 entries, each with its length. */
const MAX_BLOCK_BYTES = BLOCK_ENTRIES * (MAX_ENTRY_SIZE + 2);

/** The entries of a stored block, which is the raw deflate of their C2SP bundle. Fails with `bundle_malformed`. */
export function inflateBlock(data: Uint8Array): Result<Uint8Array[]> {
  let bundle: Buffer;
  try {
    bundle = inflateRawSync(data, { maxOutputLength: MAX_BLOCK_BYTES });
  } catch {
    return fail('bundle_malformed', 'the block does not inflate');
  }
  return parseBundle(bundle);
}
