import { formatBundle, parseBundlePath, parseTilePath, TILE_WIDTH } from '@assent/verifier';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Log } from '../log.ts';
import { Problem } from '../problems.ts';
import { etagOf, isFresh, NOT_MODIFIED, notModified, type TaggedHeaders, tagged } from './conditional.ts';
import { chooseCoding } from './content-coding.ts';
import { createApi, endpoint } from './endpoint.ts';
import { gzipUnlessBusy } from './gzip.ts';
import { IMMUTABLE } from './immutable.ts';
import type { LargeAnswers } from './large-answers.ts';

type BundlePlace = { readonly index: number; readonly width: number };

/** The route in metrics. */
export const TILE_ROUTE = '/tile/{level}/{path}';
export const FOREVER = { 'Cache-Control': IMMUTABLE, 'Content-Type': 'application/octet-stream' } as const;
const binary = { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } };
const path = z
  .string()
  .openapi({ example: '000', description: 'C2SP tlog-tiles: `x001/x234/067`, or with `.p/<width>`' });

/** C2SP tlog-tiles: the checkpoint, the tiles and the entry bundles. */
export function tileRoutes(log: Log, large: LargeAnswers): OpenAPIHono {
  const api = createApi();
  endpoint(
    api,
    {
      method: 'get',
      path: '/checkpoint',
      operationId: 'getCheckpoint',
      tag: 'tlog-tiles',
      summary: 'The newest signed checkpoint',
      responses: {
        200: { description: 'A signed note', content: { 'text/plain': { schema: z.string() } } },
        304: NOT_MODIFIED,
      },
      problems: ['read_only'],
    },
    async (c) => {
      const { checkpoint } = await log.head();
      return tagged(c, checkpoint, {
        ETag: etagOf(checkpoint),
        'Cache-Control': 'no-cache',
        'Content-Type': 'text/plain; charset=utf-8',
      });
    },
  );
  endpoint(
    api,
    {
      method: 'get',
      path: '/tile/entries/{path}',
      pattern: '/tile/entries/:path{.+}',
      operationId: 'getEntryBundle',
      tag: 'tlog-tiles',
      summary: 'Up to 256 entries, each after its length in two bytes',
      params: z.object({ path }),
      responses: { 200: { description: 'The bundle', content: binary }, 304: NOT_MODIFIED },
      problems: ['not_found', 'not_acceptable', 'overloaded', 'stored_data_damaged', 'withheld'],
    },
    async (c) => {
      const bundle = parseBundlePath(rawPath(c));
      if (!bundle.ok) throw malformed(bundle.detail);
      return sendBundle(c, log, large, bundle.value);
    },
  );
  endpoint(
    api,
    {
      method: 'get',
      path: TILE_ROUTE,
      pattern: '/tile/:level/:path{.+}',
      operationId: 'getTile',
      tag: 'tlog-tiles',
      summary: 'Up to 256 hashes of the tree',
      params: z.object({ level: z.string().openapi({ example: '0' }), path }),
      responses: { 200: { description: '32 bytes a hash', content: binary }, 304: NOT_MODIFIED },
      problems: ['not_found', 'stored_data_damaged'],
    },
    async (c) => {
      const tile = parseTilePath(rawPath(c));
      if (!tile.ok) throw malformed(tile.detail);
      const hashes = await log.tree.tile(tile.value);
      if (hashes === undefined) throw noTile();
      return tagged(c, hashes, { ...FOREVER, ETag: etagOf(hashes) });
    },
  );
  // What is under /tile/ and no route above: an element too many, too few or empty.
  api.all('/tile/*', (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') throw malformed('not the path of a tile or an entry bundle');
    return next();
  });
  return api;
}

/** A bundle, gzipped for whoever takes that. Its tag is made of the leaf hashes, which commit to every byte of it. */
async function sendBundle(c: Context, log: Log, large: LargeAnswers, { index, width }: BundlePlace): Promise<Response> {
  // The bottom tile is there exactly when the signed tree covers all of its entries.
  const leaves = await log.tree.tile({ level: 0, index, width });
  if (leaves === undefined) throw noTile();
  // Before a client is told that what it has is still good.
  await log.tree.refuseWithheld(index * TILE_WIDTH, index * TILE_WIDTH + width);
  const accepted = c.req.header('accept-encoding');
  const coding = chooseCoding(accepted);
  if (coding === undefined) {
    c.header('Vary', 'Accept-Encoding');
    throw new Problem('not_acceptable', 'Bundles are sent as gzip or as they are, and the request refuses both.');
  }
  const gzipped = { ...FOREVER, ETag: etagOf(leaves, '-gzip'), 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' };
  const identity: TaggedHeaders = { ...FOREVER, ETag: etagOf(leaves), Vary: 'Accept-Encoding' };
  const headers = coding === 'gzip' ? gzipped : identity;
  if (isFresh(c, headers.ETag)) return notModified(c, headers);
  let sent = identity;
  const body = await large.make(c, async () => {
    const bundle = formatBundle(await log.tree.entries(index * TILE_WIDTH, index * TILE_WIDTH + width));
    const compressed = coding === 'gzip' ? await gzipUnlessBusy(bundle) : undefined;
    if (compressed !== undefined) sent = gzipped;
    return compressed ?? bundle;
  });
  return tagged(c, body, sent);
}

/** The path as it was sent: a character has one spelling here, and hono's path has percent-encodings decoded. */
function rawPath(c: Context): string {
  const { url } = c.req;
  const path = url.indexOf('/', url.indexOf('//') + 2);
  const query = url.indexOf('?', path);
  return url.slice(path + 1, query < 0 ? undefined : query);
}

function malformed(detail: string): Problem {
  return new Problem('invalid_parameter', `The path is ${detail}.`);
}

function noTile(): Problem {
  return new Problem('not_found', 'No signed head requires this tile.');
}
