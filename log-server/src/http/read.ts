import { formatBundle, parseBundlePath, parseDecimal, parseTilePath } from '@assent/verifier';
import { type Context, Hono } from 'hono';
import { MAX_BODY_BYTES } from '../admission/examine.ts';
import type { Log } from '../log.ts';
import { Problem } from '../problems.ts';
import { RECEIPT_MEDIA_TYPE } from './append.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';

/** What a stranger needs to check the log: unauthenticated GETs. */
export function readRoutes(log: Log): Hono {
  return new Hono()
    .get('/api/v1/log', async (c) => {
      const { size, root, timestamp } = await log.head();
      c.header('Cache-Control', 'no-cache');
      return c.json({
        origin: log.origin,
        vkeys: [log.vkey],
        size,
        root: `sha256:${Buffer.from(root).toString('hex')}`,
        timestamp: new Date(timestamp).toISOString(),
        default_visibility: 'open',
        payload_types: ['application/vnd.assent.approval.v1+json'],
        witnesses: { quorum: 'none', members: [] },
        limits: { body_bytes: MAX_BODY_BYTES, entry_bytes: 65_535 },
      });
    })
    .get('/api/v1/entries/:index', async (c) => {
      const index = parseDecimal(c.req.param('index'));
      if (!index.ok) throw new Problem('invalid_parameter', 'An index is a decimal number without leading zeros.');
      const entry = await log.entry(index.value);
      c.header('Cache-Control', IMMUTABLE);
      c.header('Vary', 'Accept');
      const raw = c.req.header('accept')?.includes('application/octet-stream') === true;
      return c.body(bytes(entry), 200, { 'Content-Type': raw ? 'application/octet-stream' : 'application/json' });
    })
    .get('/api/v1/receipts/:query{.+}', async (c) => {
      const receipt = await log.receipt(c.req.param('query'));
      return c.body(receipt, 200, { 'Content-Type': RECEIPT_MEDIA_TYPE, 'Cache-Control': 'no-cache' });
    })
    .get('/checkpoint', async (c) => {
      const { checkpoint } = await log.head();
      return c.body(checkpoint, 200, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-cache' });
    })
    .get('/tile/entries/*', async (c) => {
      const bundle = parseBundlePath(c.req.path.slice(1));
      if (!bundle.ok) throw new Problem('invalid_parameter', bundle.detail);
      const { index, width } = bundle.value;
      // The bottom tile exists exactly when the signed tree covers all of its entries.
      if ((await log.tile(0, index, width)) === undefined) throw noTile();
      const entries = await log.entries(index * 256, index * 256 + width);
      return immutable(c, formatBundle(entries));
    })
    .get('/tile/*', async (c) => {
      const tile = parseTilePath(c.req.path.slice(1));
      if (!tile.ok) throw new Problem('invalid_parameter', tile.detail);
      const hashes = await log.tile(tile.value.level, tile.value.index, tile.value.width);
      if (hashes === undefined) throw noTile();
      return immutable(c, hashes);
    });
}

function immutable(c: Context, body: Uint8Array): Response {
  return c.body(bytes(body), 200, { 'Content-Type': 'application/octet-stream', 'Cache-Control': IMMUTABLE });
}

function bytes(view: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view);
}

function noTile(): Problem {
  return new Problem('not_found', 'The signed tree has no such tile.');
}
