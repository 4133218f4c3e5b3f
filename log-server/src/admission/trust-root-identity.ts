import { hexEncode, type Primitives, type TrustRoot, utf8Encode } from '@assent/verifier';

/**
 * What stands in the place of the identity of a trust root, in hex: its own digest of version 1, the previous version's digest of
 * every later one. As an identity is in the log once, so is what follows a version; hence there is one version n of each root id,
 * and the statement that appends decides which, whoever else appends.
 *
 * No approval has such an identity, as neither service nor id holds a slash.
 *
 * @param digest of its payload, `sha256:<hex>`
 */
export function trustRootIdentity(
  digest: string,
  { version, previous = digest }: TrustRoot,
  { sha256 }: Pick<Primitives, 'sha256'>,
): string {
  return hexEncode(sha256(utf8Encode(`assent/trust-root\0${version}\0${previous}`)));
}
