/**
 * A receipt inside of a link: `/verify#receipt=<base64url of deflate-raw of the receipt>`. What follows `#` is never sent
 * to a server, so the link discloses the receipt to whoever gets it and to nobody else.
 */
import { base64urlDecode, base64urlEncode } from '@assent/verifier';

/** As formats.md §6: no receipt is larger. A link is inflated up to this and no further. */
const MAX_RECEIPT_BYTES = 16 * 1024 * 1024;
const MAX_FRAGMENT = 1024 * 1024;
const PREFIX = '#receipt=';

export async function receiptLink(receipt: string): Promise<string> {
  const bytes = await transform(
    new TextEncoder().encode(receipt),
    new CompressionStream('deflate-raw'),
    Number.MAX_SAFE_INTEGER,
  );
  return `/verify${PREFIX}${base64urlEncode(bytes)}`;
}

export function hasReceipt(fragment: string): boolean {
  return fragment.startsWith(PREFIX);
}

/** The receipt's bytes, or undefined if the link is damaged or holds too much. */
export async function receiptFromFragment(fragment: string): Promise<Uint8Array | undefined> {
  if (!hasReceipt(fragment) || fragment.length > MAX_FRAGMENT) return undefined;
  const packed = base64urlDecode(fragment.slice(PREFIX.length));
  if (!packed.ok) return undefined;
  try {
    return await transform(packed.value, new DecompressionStream('deflate-raw'), MAX_RECEIPT_BYTES);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined; // not deflate, or too much of it
    throw error;
  }
}

async function transform(
  input: Uint8Array,
  through: ReadableWritablePair<Uint8Array<ArrayBuffer>, BufferSource>,
  limit: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const source = new Blob([new Uint8Array(input)]).stream();
  const reader = source.pipeThrough(through).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > limit) {
      await reader.cancel();
      throw new RangeError('the receipt in the link is too large');
    }
    chunks.push(next.value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
