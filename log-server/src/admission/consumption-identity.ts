import { hexDecode, hexEncode, type Primitives } from '@assent/verifier';

const DOMAIN = Buffer.from('assent/consumption\0');

/**
 * What stands in the place of the identity of a consumption, in hex. It is the same for all consumptions of one approval, and
 * an identity is in the log once: so the statement that appends decides, and nothing has to be locked, whoever else appends.
 *
 * No approval has such an identity, as neither service nor id holds a slash.
 *
 * @param approval statement digest, `sha256:<64 hex digits>`
 */
export function consumptionIdentity(approval: string, { sha256 }: Pick<Primitives, 'sha256'>): string {
  const digest = hexDecode(approval.slice('sha256:'.length));
  if (!digest.ok) throw new TypeError('approval: not a digest');
  return hexEncode(sha256(Buffer.concat([DOMAIN, digest.value])));
}
