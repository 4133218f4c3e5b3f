/**
 * ECDSA signatures from r ‖ s, as the verifier hands them over, to the DER that OpenSSL reads (RFC 3279 §2.2.3, for P-256). Node does that
 * by way of OpenSSL's large numbers, which takes a microsecond longer.
 */

/** `30 length 02 length r 02 length s`, each number at most 33 bytes long. */
const LONGEST = 2 * (2 + 33) + 2;

/** @param p1363 64 bytes, each half in 1…n−1 */
export function ecdsaP1363ToDer(p1363: Uint8Array): Uint8Array {
  // Out of Buffer's pool.
  const der = Buffer.allocUnsafe(LONGEST);
  const end = writeInteger(p1363, 32, der, writeInteger(p1363, 0, der, 2));
  der[0] = 0x30;
  der[1] = end - 2;
  return der.subarray(0, end);
}

/** As short as it can be, behind a zero if it would be negative otherwise. @returns where it ends */
function writeInteger(p1363: Uint8Array, start: number, der: Uint8Array, at: number): number {
  const end = start + 32;
  let from = start;
  while (from < end - 1 && p1363[from] === 0) from++;
  const zeros = p1363[from]! >= 0x80 ? 1 : 0;
  const length = zeros + end - from;
  der[at] = 0x02;
  der[at + 1] = length;
  der[at + 2] = 0;
  for (let i = from; i < end; i++) der[at + 2 + zeros + i - from] = p1363[i]!;
  return at + 2 + length;
}
