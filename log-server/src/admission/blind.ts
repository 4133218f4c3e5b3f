import { hexDecode, hexEncode, type Primitives } from '@assent/verifier';

const DOMAIN = Buffer.from('assent/blind\0');

/**
 * What stands in the place of statement digest and identity for a commitment whose content the log does not know, in hex.
 *
 * The commitment is the sender's choice, so it can't stand there itself: it could be the digest of a statement that somebody
 * else is about to append. No statement begins as these bytes do, being JSON, and no pair of service and id, as neither
 * holds a slash.
 *
 * @param sealed `sha256:<64 hex digits>`
 */
export function blindDigest(sealed: string, { sha256 }: Pick<Primitives, 'sha256'>): string {
  const commitment = hexDecode(sealed.slice('sha256:'.length));
  if (!commitment.ok) throw new TypeError('sealed: not a digest');
  return hexEncode(sha256(Buffer.concat([DOMAIN, commitment.value])));
}
