import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

/** How many run at a time. They share libuv's threads with the signatures of those who append. */
const AT_ONCE = 2;
let running = 0;

/**
 * The bytes as a gzip member (RFC 1952), compressed off the event loop; undefined when as many as may are under way, so
 * that whoever asks for many large bundles holds up nobody else.
 */
export async function gzipUnlessBusy(data: Uint8Array): Promise<Uint8Array | undefined> {
  if (running >= AT_ONCE) return undefined;
  running++;
  try {
    return await compress(data);
  } finally {
    running--;
  }
}
