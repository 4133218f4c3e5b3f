import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseTilePath, TILE_WIDTH } from '@assent/verifier';
import type { SignedTree } from '../signed-tree.ts';
import { HEADERS_OF_ALL } from './common-headers.ts';
import { etagOf } from './conditional.ts';
import { READING } from './cross-origin.ts';
import { headerFields } from './header-fields.ts';
import type { Observer } from './observe.ts';
import { isPlainGet } from './plain-get.ts';
import { FOREVER, TILE_ROUTE } from './tiles.ts';

/**
 * Full tiles that are in memory, answered before anything else looks at the request: a mirror asks for thousands of them,
 * and the way through routes and middleware costs twice as much as sending one. Whatever is not quite that plain is left
 * to the interface in `app.ts`, whose answer to the same request is the same, byte for byte.
 *
 * Returns whether it took the request.
 */
export function fullTiles(
  tree: SignedTree,
  observer: Observer,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const fields = new WeakMap<Uint8Array, readonly string[]>();
  return (request, response) => {
    const began = performance.now();
    const { url = '' } = request;
    const hashes = url.startsWith('/tile/') && isPlainGet(request) ? find(tree, url) : undefined;
    if (hashes === undefined) return false;
    let known = fields.get(hashes);
    if (known === undefined) {
      const own = { ETag: etagOf(hashes), 'Content-Length': String(hashes.length) };
      known = headerFields(HEADERS_OF_ALL, READING, FOREVER, own);
      fields.set(hashes, known);
    }
    const requestId = randomUUID();
    response.writeHead(200, ['X-Request-Id', requestId, ...known]);
    response.end(hashes);
    const ms = performance.now() - began;
    observer.answered({ requestId, method: 'GET', route: TILE_ROUTE, status: 200, ms, problem: undefined });
    return true;
  };
}

function find(tree: SignedTree, url: string): Uint8Array | undefined {
  const tile = parseTilePath(url.slice(1));
  if (!tile.ok || tile.value.width !== TILE_WIDTH) return undefined;
  return tree.fullTileInMemory(tile.value.level, tile.value.index);
}
