import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HASH_SIZE, TILE_WIDTH } from '@assent/verifier';
import type { SignedTree } from '../signed-tree.ts';
import { HEADERS_OF_ALL } from './common-headers.ts';
import { etagOf } from './conditional.ts';
import { READING } from './cross-origin.ts';
import { headerFields } from './header-fields.ts';
import type { Observer } from './observe.ts';
import { isPlainGet } from './plain-get.ts';
import { sendAtOnce } from './send-at-once.ts';
import { FOREVER, TILE_ROUTE } from './tiles.ts';

/** Of one tile each, as its path is written (`parseTilePath`), up to 256 million entries. */
const PATH = /^\/tile\/([0-9])\/(?:x(?!000)([0-9]{3})\/)?([0-9]{3})$/;

/** `body`: a tile's hashes as a Buffer, which Node would make of them for each answer. */
type Answer = { readonly etag: string; readonly body: Buffer };

/**
 * Full tiles that are in memory, answered before anything else looks at the request: a mirror asks for thousands of them,
 * and the way through routes and middleware costs twice as much as sending one. Whatever is not quite that plain is left
 * to the interface in `app.ts`, whose answer to the same request is the same, byte for byte.
 *
 * Returns whether it took the request, which then is answered as a whole.
 */
export function fullTiles(
  tree: Pick<SignedTree, 'fullTileInMemory'>,
  observer: Observer,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const known = new WeakMap<Uint8Array, Answer>();
  // Of all answers the same, but for two. Node writes them down at once, so that the next answer may have the same array.
  const fields = headerFields({ 'X-Request-Id': '', ETag: '' }, HEADERS_OF_ALL, READING, FOREVER, {
    'Content-Length': String(TILE_WIDTH * HASH_SIZE),
  });
  return (request, response) => {
    const began = performance.now();
    const { url = '' } = request;
    const hashes = url.startsWith('/tile/') && isPlainGet(request) ? find(tree, url) : undefined;
    if (hashes === undefined) return false;
    let answer = known.get(hashes);
    if (answer === undefined) {
      answer = { etag: etagOf(hashes), body: Buffer.from(hashes.buffer, hashes.byteOffset, hashes.length) };
      known.set(hashes, answer);
    }
    const requestId = randomUUID();
    fields[1] = requestId;
    fields[3] = answer.etag;
    response.writeHead(200, fields);
    sendAtOnce(response, answer.body);
    const ms = performance.now() - began;
    observer.answered({ requestId, method: 'GET', route: TILE_ROUTE, status: 200, ms, problem: undefined });
    return true;
  };
}

function find(tree: Pick<SignedTree, 'fullTileInMemory'>, url: string): Uint8Array | undefined {
  const path = PATH.exec(url);
  if (path === null) return undefined;
  const [, level, thousands = '0', rest] = path;
  return tree.fullTileInMemory(Number(level), Number(thousands) * 1_000 + Number(rest));
}
