/**
 * Public keys that were parsed before. The same few people sign again and again, and whether a point is on its curve takes as long to
 * find out as all the rest of reading an envelope.
 */
import { equalBytes } from './bytes.ts';
import type { PublicKey } from './primitives.ts';
import type { Result } from './result.ts';
import type { Sha256 } from './sha256.ts';
import { parsePublicKey } from './spki.ts';

const MOST_KEYS = 1024;

/** By keyid; parsed first, forgotten first. */
const known = new Map<string, PublicKey>();

/** As {@link parsePublicKey}. @param keyid what is said to be its hash; that the bytes are the same is what counts */
export function knownPublicKey(keyid: string, spki: Uint8Array, hash: Sha256): Result<PublicKey> {
  const found = known.get(keyid);
  if (found !== undefined && equalBytes(found.spki, spki)) return { ok: true, value: found };
  const parsed = parsePublicKey(spki, hash);
  if (!parsed.ok || parsed.value.keyid !== keyid) return parsed;
  known.set(keyid, parsed.value);
  if (known.size > MOST_KEYS) {
    const oldest = known.keys().next();
    if (!oldest.done) known.delete(oldest.value);
  }
  return parsed;
}
