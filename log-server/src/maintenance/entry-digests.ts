import { type Entry, hexEncode, parseEnvelope, parseStatement, type Sha256, utf8Encode } from '@assent/verifier';

/** What the log finds an entry by, 32 bytes each. */
export type EntryDigests = { readonly statement: Uint8Array; readonly identity: Uint8Array };

/**
 * The digests of an entry's record, from its public bytes: SHA-256 of the signed payload, and of the service and id in it.
 * Undefined where the bytes don't tell: what is sealed, and what this version can't read.
 */
export function entryDigests(entry: Entry, sha256: Sha256): EntryDigests | undefined {
  if (!('content' in entry)) return undefined;
  const envelope = parseEnvelope(entry.content);
  if (!envelope.ok) return undefined;
  const { payload } = envelope.value;
  const statement = parseStatement(payload);
  if (!statement.ok) return undefined;
  const { service, id } = statement.value;
  return { statement: sha256(payload), identity: sha256(utf8Encode(`${service}\0${id}`)) };
}

/** The first 8 bytes of a digest, as the database's text of its signed bigint. */
export function prefixText(digest: Uint8Array): string {
  return BigInt.asIntN(64, BigInt(`0x${hexEncode(digest.subarray(0, 8))}`)).toString();
}
