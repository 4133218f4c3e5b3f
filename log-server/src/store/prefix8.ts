/** The first 8 bytes as the signed integer under which a digest is indexed; the full value is compared after a hit. */
export function prefix8(digest: Uint8Array): bigint {
  return new DataView(digest.buffer, digest.byteOffset, 8).getBigInt64(0);
}
