/** Padded, standard alphabet: what `base64Encode` of the verifier gives, in a quarter of the time for a hash. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
