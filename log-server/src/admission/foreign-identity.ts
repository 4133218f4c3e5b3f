import { hexDecode, hexEncode, type Primitives } from '@assent/verifier';

const DOMAIN = Buffer.from('assent/foreign\0');

/**
 * What stands in the place of an identity for evidence of another system, which has no service and id of ours, in hex. Not its digest
 * itself: where both are the same the entry is a blind commitment. No pair of service and id begins as these bytes do, as neither
 * holds a slash.
 *
 * @param digest of the payload and its type, in hex
 */
export function foreignIdentity(digest: string, { sha256 }: Pick<Primitives, 'sha256'>): string {
  const bytes = hexDecode(digest);
  if (!bytes.ok) throw new TypeError('digest: not hex');
  return hexEncode(sha256(Buffer.concat([DOMAIN, bytes.value])));
}
