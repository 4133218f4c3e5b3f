import { formatBundle, parseBundlePath, parseTilePath } from '@assent/verifier';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Log } from '../log.ts';
import { Problem } from '../problems.ts';
import { bytes, IMMUTABLE } from './bytes.ts';
import { createApi, endpoint } from './endpoint.ts';

const binary = { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } };
const path = z
  .string()
  .openapi({ example: '000', description: 'C2SP tlog-tiles: `x001/x234/067`, or with `.p/<width>`' });

/** C2SP tlog-tiles: the checkpoint, the tiles and the entry bundles. */
export function tileRoutes(log: Log): OpenAPIHono {
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
      },
      problems: ['read_only'],
    },
    async (c) => {
      const { checkpoint } = await log.head();
      return c.body(checkpoint, 200, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-cache' });
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
      responses: { 200: { description: 'The bundle', content: binary } },
      problems: ['not_found', 'stored_data_damaged', 'withheld'],
    },
    async (c) => {
      const bundle = parseBundlePath(c.req.path.slice(1));
      if (!bundle.ok) throw new Problem('invalid_parameter', bundle.detail);
      const { index, width } = bundle.value;
      // The bottom tile exists exactly when the signed tree covers all of its entries.
      if ((await log.tile(0, index, width)) === undefined) throw noTile();
      const entries = await log.entries(index * 256, index * 256 + width);
      return immutable(c, formatBundle(entries));
    },
  );
  endpoint(
    api,
    {
      method: 'get',
      path: '/tile/{level}/{path}',
      pattern: '/tile/:level/:path{.+}',
      operationId: 'getTile',
      tag: 'tlog-tiles',
      summary: 'Up to 256 hashes of the tree',
      params: z.object({ level: z.string().openapi({ example: '0' }), path }),
      responses: { 200: { description: '32 bytes a hash', content: binary } },
      problems: ['not_found', 'stored_data_damaged'],
    },
    async (c) => {
      const tile = parseTilePath(c.req.path.slice(1));
      if (!tile.ok) throw new Problem('invalid_parameter', tile.detail);
      const hashes = await log.tile(tile.value.level, tile.value.index, tile.value.width);
      if (hashes === undefined) throw noTile();
      return immutable(c, hashes);
    },
  );
  return api;
}

function immutable(c: Context, body: Uint8Array): Response {
  return c.body(bytes(body), 200, { 'Content-Type': 'application/octet-stream', 'Cache-Control': IMMUTABLE });
}

function noTile(): Problem {
  return new Problem('not_found', 'The signed tree has no such tile.');
}
