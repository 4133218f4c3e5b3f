import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { parseTilePath, TILE_WIDTH } from '@assent/verifier';
import type { Metrics } from '../metrics.ts';
import type { SignedTree } from '../signed-tree.ts';
import { HEADERS_OF_ALL } from './common-headers.ts';
import { etagOf } from './conditional.ts';
import { READING } from './cross-origin.ts';
import { FOREVER, TILE_ROUTE } from './tiles.ts';

/**
 * Full tiles that are in memory, answered before anything else looks at the request: a mirror asks for thousands of them,
 * and the way through routes and middleware costs twice as much as sending one. Whatever is not quite that plain goes on to
 * `others`, whose answer to the same request is the same, byte for byte.
 */
export function fullTiles(tree: SignedTree, metrics: Metrics, others: RequestListener): RequestListener {
  const tags = new WeakMap<Uint8Array, string>();
  return (incoming, outgoing) => {
    const began = performance.now();
    const hashes = isPlain(incoming) ? find(tree, incoming.url!) : undefined;
    if (hashes === undefined) return others(incoming, outgoing);
    const tag = tags.get(hashes) ?? etagOf(hashes);
    tags.set(hashes, tag);
    outgoing.writeHead(200, {
      ...HEADERS_OF_ALL,
      'X-Request-Id': randomUUID(),
      ...READING,
      ...FOREVER,
      ETag: tag,
      'Content-Length': hashes.length,
    });
    outgoing.end(hashes);
    metrics.requestAnswered(TILE_ROUTE, 200, (performance.now() - began) / 1000);
  };
}

/** What surely is a host; others are for the rest to judge. */
const HOST = /^[a-z0-9.-]+(:[0-9]+)?$/i;

/** A GET whose headers change nothing about the answer. */
function isPlain({ method, url, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    url?.startsWith('/tile/') === true &&
    HOST.test(headers.host ?? '') &&
    headers['if-none-match'] === undefined &&
    headers['x-request-id'] === undefined
  );
}

function find(tree: SignedTree, url: string): Uint8Array | undefined {
  const tile = parseTilePath(url.slice(1));
  if (!tile.ok || tile.value.width !== TILE_WIDTH) return undefined;
  return tree.fullTileInMemory(tile.value.level, tile.value.index);
}
