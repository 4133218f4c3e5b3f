/**
 * Sealed content (formats.md §4): the log holds a commitment in the place of the content, and whoever has content and salt can
 * show later, to whom they like, what was logged.
 *
 *     commitment = "sha256:" ‖ hex(SHA-256(salt ‖ JCS(content)))
 *
 *     sealContent({ a: 1 }, new Uint8Array(32))
 *     // sha256:b06a229070741292512e8760f470dd7a4c46ccfdf253df781d88dabe58c1ccb1
 *
 * The salt has exactly 32 bytes, random and never used twice: a statement has few unknowns, and without it a commitment would
 * be opened by trying them all. As its length is fixed, no other split of the same bytes is a salt and a content.
 */
import { base64Decode } from './base64.ts';
import { concatBytes, hexEncode, utf8Encode } from './bytes.ts';
import { canonicalJson, type Json } from './canonical-json.ts';
import { type Field, string } from './document.ts';
import { fail, ok, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';

export const SALT_SIZE = 32;

/** A fresh salt. Whoever loses it can never show again what the entry holds. */
export function createSalt(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SALT_SIZE));
}

/** The commitment. Throws RangeError on a salt that is not 32 bytes; TypeError on content without a canonical form. */
export function sealContent(content: Json, salt: Uint8Array, hash: Sha256 = sha256): string {
  return sealCanonical(canonicalJson(content), salt, hash);
}

/** The same of content that is canonical already. */
export function sealCanonical(canonicalContent: string, salt: Uint8Array, hash: Sha256 = sha256): string {
  if (salt.length !== SALT_SIZE) throw new RangeError(`salt: not ${SALT_SIZE} bytes`);
  return `sha256:${hexEncode(hash(concatBytes(salt, utf8Encode(canonicalContent))))}`;
}

/** A salt as receipts and submissions write it: base64 of 32 bytes. */
export const saltText: Field<string> = (value) => {
  const written = string(value);
  if (!written.ok) return written;
  const bytes = base64Decode(written.value);
  if (!bytes.ok) return fail(bytes.code, ' is not strict base64');
  return bytes.value.length === SALT_SIZE ? ok(written.value) : fail('bad_value', ` is not ${SALT_SIZE} bytes`);
};

/** Reads a salt. Fails with `bad_base64`, or `bad_value` if it has not 32 bytes. */
export function parseSalt(salt: string): Result<Uint8Array> {
  const checked = saltText(salt);
  return checked.ok ? base64Decode(checked.value) : fail(checked.code, `salt${checked.detail}`);
}

/** Whether content and salt are what a commitment stands for. Fails with the codes of {@link parseSalt} and `commitment_mismatch`. */
export function checkCommitment(
  sealed: string,
  { content, salt }: { readonly content: Json; readonly salt: string },
  hash: Sha256 = sha256,
): { readonly result: Result<void>; readonly computed?: string } {
  const saltBytes = parseSalt(salt);
  if (!saltBytes.ok) return { result: saltBytes };
  const computed = sealContent(content, saltBytes.value, hash);
  if (computed === sealed) return { computed, result: ok(undefined) };
  const failure = fail('commitment_mismatch', 'content and salt are not what was sealed');
  return { computed, result: failure };
}
