import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { openCheckpoint, PlainTree, readBundle, tilePath } from '@assent/test-support/fault/index';
import {
  checkConsistency,
  checkInclusion,
  formatTilePath,
  leafHash,
  proveConsistency,
  proveInclusion,
  TileHashReader,
  treeRoot,
} from '@assent/verifier';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendMany } from './support/append-many.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const MUST_NOT_BE_KEPT = 'no-store';

let test: TestApp;
/** The sizes of all heads, each signed or covered by one that is. */
let sizes: readonly number[];
let size: number;
let entries: readonly Uint8Array[];
let tree: PlainTree;

const get = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  test.app.request(path, { headers });
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());
const read = async (path: string): Promise<Buffer> => {
  const response = await get(path);
  expect(response.status, path).toBe(200);
  return bytesOf(response);
};

beforeAll(async () => {
  test = await createTestApp();
  // Heads of every size up to 12, then of whatever sizes the batches end at.
  await appendMany(test.log, 12, { together: false });
  for (let i = 0; i < 6; i++) await appendMany(test.log, 100, { together: true });
  const rows = await test.database.kysely.selectFrom('heads').select('size').execute();
  sizes = rows.map((row) => row.size);
  size = Math.max(...sizes);
  entries = await test.log.entries(0, size);
  tree = new PlainTree(entries);
});
afterAll(() => test.remove());

describe('the tree from tiles', () => {
  it('is that of the checkpoint: every tile is what the specification says, level by level', async () => {
    const checkpoint = openCheckpoint((await read('/checkpoint')).toString(), test.log.vkey);
    expect(checkpoint).toMatchObject({ size: 612, root: tree.root().toString('base64') });
    const served: string[] = [];
    for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / 256)) {
      for (let first = 0; first < hashes; first += 256) {
        const width = Math.min(256, hashes - first);
        const path = tilePath(String(level), first / 256, width);
        const tile = await read(path);
        expect(tile.equals(tree.tile(level, first / 256, width)), path).toBe(true);
        served.push(path);
      }
    }
    expect(served).toEqual(['/tile/0/000', '/tile/0/001', '/tile/0/002.p/100', '/tile/1/000.p/2']);
  });

  it('gives entries, roots and proofs, which the verifier takes', async () => {
    const leaves: Uint8Array[] = [];
    for (const path of ['000', '001', '002.p/100']) {
      const bundle = readBundle(await read(`/tile/entries/${path}`));
      leaves.push(...bundle.map((entry) => leafHash(entry)));
    }
    expect(leaves.map((leaf) => Buffer.from(leaf).toString('hex'))).toEqual(
      entries.map((entry) => Buffer.from(leafHash(entry)).toString('hex')),
    );
    const fetched = new Map<string, Promise<Uint8Array>>();
    const reader = new TileHashReader(size, {
      readTile: (tile) => {
        const path = `/${formatTilePath(tile)}`;
        if (!fetched.has(path)) fetched.set(path, read(path));
        return fetched.get(path)!;
      },
    });
    const root = await treeRoot(size, reader);
    expect(Buffer.from(root).equals(tree.root())).toBe(true);
    for (const [index, leaf] of leaves.entries()) {
      const proof = await proveInclusion(index, size, reader);
      expect(checkInclusion({ index, size, leafHash: leaf, proof, root }).ok, `${index}`).toBe(true);
    }
    for (const from of sizes) {
      const proof = await proveConsistency(from, size, reader);
      const fromRoot = tree.root(from);
      expect(checkConsistency({ from, to: size, fromRoot, toRoot: root, proof }).ok, `${from}`).toBe(true);
    }
  });
});

describe('which tiles there are', () => {
  // From the specification alone: "the partial tile at level l for a tree of size s has floor(s / 256^l) mod 256 entries".
  const required = (): Set<string> => {
    const paths = new Set<string>();
    for (const head of sizes) {
      for (let level = 0, hashes = head; hashes > 0; level++, hashes = Math.floor(hashes / 256)) {
        for (const kind of level === 0 ? ['entries', '0'] : [String(level)]) {
          for (let full = 0; full < Math.floor(hashes / 256); full++) paths.add(tilePath(kind, full, 256));
          if (hashes % 256 > 0) paths.add(tilePath(kind, Math.floor(hashes / 256), hashes % 256));
        }
      }
    }
    return paths;
  };

  it('those that a signed head requires, of the right content, and no other width of any place', async () => {
    const expected = required();
    expect(expected.size).toBeGreaterThan(20);
    for (const kind of ['0', '1', '2']) {
      for (let index = 0; index < 4; index++) {
        for (let width = 1; width <= 256; width++) {
          const path = tilePath(kind, index, width);
          const response = await get(path);
          expect(response.status, path).toBe(expected.has(path) ? 200 : 404);
          if (!expected.has(path)) continue;
          const tile = await bytesOf(response);
          expect(tile.equals(tree.tile(Number(kind), index, width)), path).toBe(true);
        }
      }
    }
  });

  it('and the same of bundles', async () => {
    const expected = required();
    for (let width = 1; width <= 256; width++) {
      const path = tilePath('entries', 0, width);
      expect((await get(path)).status, path).toBe(expected.has(path) ? 200 : 404);
    }
    const outgrown = readBundle(await read('/tile/entries/000.p/7'));
    expect(outgrown.map((entry) => entry.toString())).toEqual(
      entries.slice(0, 7).map((entry) => Buffer.from(entry).toString()),
    );
  });

  it.each([
    '/tile/0/003',
    '/tile/0/002',
    '/tile/0/002.p/101',
    '/tile/1/000',
    '/tile/1/001.p/1',
    '/tile/2/000.p/1',
    '/tile/6/000.p/1',
    '/tile/63/000',
    '/tile/63/x009/x007/x199/x254/x740/991',
    '/tile/0/x009/x007/x199/x254/x740/991.p/255',
    '/tile/entries/003',
    '/tile/entries/002.p/101',
  ])('%s: 404, which no cache keeps', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('cache-control')).toBe(MUST_NOT_BE_KEPT);
    expect(await response.json()).toMatchObject({ code: 'not_found' });
  });

  it.each([
    '/tile/0/0',
    '/tile/0/00',
    '/tile/0/0000',
    '/tile/0/x000/000',
    '/tile/0/x000/x000/000',
    '/tile/0/001/000',
    '/tile/0/x001',
    '/tile/0/X001/000',
    '/tile/0/1x1',
    '/tile/0/-01',
    '/tile/0/+01',
    '/tile/0/000.p',
    '/tile/0/000.p/',
    '/tile/0/000.p/0',
    '/tile/0/000.p/01',
    '/tile/0/000.p/256',
    '/tile/0/000.p/999',
    '/tile/0/000.p/1/',
    '/tile/0/000.p/+1',
    '/tile/0/000/',
    '/tile/0//000',
    '/tile//0/000',
    '/tile/0/000//',
    '/tile/00/000',
    '/tile/01/000',
    '/tile/64/000',
    '/tile/100/000',
    '/tile/-1/000',
    '/tile/a/000',
    '/tile/0/x009/x007/x199/x254/x740/992',
    '/tile/0/x999/x999/x999/x999/x999/x999/999',
    '/tile/0',
    '/tile/0/',
    '/tile/',
    '/tile/entries',
    '/tile/entries/',
    '/tile/entries/0',
    '/tile/entries//000',
    '/tile/entries/000.p/256',
    '/tile/entries/000.p/0',
    '/tile/entries/000/000',
    '/tile/data/000',
    '/tile/8/0/000',
    // What would be a tile if it were decoded.
    '/tile/%30/000',
    '/tile/0/%30%30%30',
    '/tile/0/000%2Ep/7',
    '/tile/0%2F000',
    '/tile/entries/%30%30%30',
    '/tile/0/000%20',
    '/tile/0/000%00',
    '/tile/0/٠٠٠',
    '/tile/0/000.p/７',
    '/tile/éntries/000',
  ])('%s: 400', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(400);
    expect(response.headers.get('cache-control')).toBe(MUST_NOT_BE_KEPT);
    expect(await response.json()).toMatchObject({ code: 'invalid_parameter' });
  });
});

describe('how they are sent', () => {
  it.each([
    ['/checkpoint', 'text/plain; charset=utf-8', 'no-cache', null],
    ['/tile/0/000', 'application/octet-stream', IMMUTABLE, null],
    ['/tile/1/000.p/2', 'application/octet-stream', IMMUTABLE, null],
    ['/tile/entries/000', 'application/octet-stream', IMMUTABLE, 'Accept-Encoding'],
    ['/tile/entries/002.p/100', 'application/octet-stream', IMMUTABLE, 'Accept-Encoding'],
  ])('%s: %s, %s', async (path, type, caching, vary) => {
    const response = await get(path);
    const { headers } = response;
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('cache-control')).toBe(caching);
    expect(headers.get('vary')).toBe(vary);
    expect(headers.get('etag')).toMatch(/^"[\w-]+"$/);
    const body = await bytesOf(response);

    const again = await get(path);
    expect(again.headers.get('etag')).toBe(headers.get('etag'));

    const head = await test.app.request(path, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(String(body.length));
    expect(head.headers.get('etag')).toBe(headers.get('etag'));
    expect(head.headers.get('content-type')).toBe(type);

    for (const known of [headers.get('etag')!, `W/${headers.get('etag')}`, `"x", ${headers.get('etag')}`, '*']) {
      const fresh = await get(path, { 'if-none-match': known });
      expect([fresh.status, await fresh.text()], known).toEqual([304, '']);
      expect(fresh.headers.get('etag')).toBe(headers.get('etag'));
      expect(fresh.headers.get('cache-control')).toBe(caching);
      expect(fresh.headers.get('vary')).toBe(vary);
    }
    expect((await get(path, { 'if-none-match': '"x"' })).status).toBe(200);
  });

  it.each([
    ['/api/v1/entries/7', 'application/octet-stream', IMMUTABLE],
    ['/api/v1/receipts/7', 'text/plain', 'no-cache'],
  ])('%s too: each of its two forms under a tag of its own', async (path, other, caching) => {
    const plain = await get(path);
    const second = await get(path, { accept: other });
    const [tag, secondTag] = [plain.headers.get('etag')!, second.headers.get('etag')!];
    expect(tag).toMatch(/^"[\w-]+"$/);
    expect(secondTag).not.toBe(tag);
    for (const [accept, known, status] of [
      ['*/*', tag, 304],
      ['*/*', secondTag, 200],
      [other, secondTag, 304],
      [other, tag, 200],
    ] as const) {
      const response = await get(path, { accept, 'if-none-match': known });
      expect(response.status, `${accept} ${known}`).toBe(status);
      expect(response.headers.get('vary')).toBe('Accept');
      expect(response.headers.get('cache-control')).toBe(caching);
    }
  });

  it('each tile and width under a tag of its own', async () => {
    const paths = ['/tile/0/000', '/tile/0/001', '/tile/0/000.p/7', '/tile/1/000.p/2', '/tile/entries/001'];
    const tags = await Promise.all(paths.map(async (path) => (await get(path)).headers.get('etag')));
    expect(new Set(tags).size).toBe(paths.length - 1);
    // A bundle's tag commits to its bytes by their leaf hashes, which are the tile.
    expect(tags[4]).toBe(tags[1]);
  });

  it('the checkpoint under another tag once there is another', async () => {
    const other = await createTestApp();
    try {
      const before = (await other.app.request('/checkpoint')).headers.get('etag')!;
      await appendMany(other.log, 1, { together: false });
      const after = await other.app.request('/checkpoint', { headers: { 'if-none-match': before } });
      expect(after.status).toBe(200);
      expect(after.headers.get('etag')).not.toBe(before);
    } finally {
      await other.remove();
    }
  });

  it('bundles gzipped for whoever takes that: the same bytes, another tag', async () => {
    const plain = await get('/tile/entries/000');
    expect(plain.headers.has('content-encoding')).toBe(false);
    const gzipped = await get('/tile/entries/000', { 'accept-encoding': 'gzip' });
    expect(gzipped.headers.get('content-encoding')).toBe('gzip');
    expect(gzipped.headers.get('vary')).toBe('Accept-Encoding');
    expect(gzipped.headers.get('cache-control')).toBe(IMMUTABLE);
    const [bundle, compressed] = [await bytesOf(plain), await bytesOf(gzipped)];
    expect(compressed.length).toBeLessThan(bundle.length);
    expect(gunzipSync(compressed).equals(bundle)).toBe(true);

    const [plainTag, gzipTag] = [plain.headers.get('etag')!, gzipped.headers.get('etag')!];
    expect(gzipTag).not.toBe(plainTag);
    const asked = async (coding: string, tag: string): Promise<number> =>
      (await get('/tile/entries/000', { 'accept-encoding': coding, 'if-none-match': tag })).status;
    expect(await asked('gzip', gzipTag)).toBe(304);
    expect(await asked('gzip', plainTag)).toBe(200);
    expect(await asked('identity', plainTag)).toBe(304);
    expect(await asked('identity', gzipTag)).toBe(200);

    const head = await test.app.request('/tile/entries/000', {
      method: 'HEAD',
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(head.headers.get('content-encoding')).toBe('gzip');
    expect(head.headers.get('content-length')).toBe(String(compressed.length));
  });

  it.each([
    ['gzip;q=0', null],
    ['br', null],
    ['identity;q=0', 'gzip'],
    ['gzip;q=0.5, identity', null],
  ])('bundles by weight: Accept-Encoding: %s', async (header, coding) => {
    const response = await get('/tile/entries/000', { 'accept-encoding': header });
    expect(response.headers.get('content-encoding')).toBe(coding);
    const body = await bytesOf(response);
    expect(readBundle(coding === 'gzip' ? gunzipSync(body) : body)).toHaveLength(256);
  });

  it('no bundle to whoever refuses every form of it, but tiles of hashes, which have only one', async () => {
    const headers = { 'accept-encoding': 'identity;q=0, *;q=0' };
    const response = await get('/tile/entries/000', headers);
    expect(response.status).toBe(406);
    expect(response.headers.get('vary')).toBe('Accept-Encoding');
    expect(await response.json()).toMatchObject({ code: 'not_acceptable' });
    const tile = await get('/tile/0/000', { 'accept-encoding': 'gzip, identity;q=0' });
    expect([tile.status, tile.headers.get('content-encoding')]).toEqual([200, null]);
  });
});

describe('through a socket', () => {
  let server: ReturnType<typeof serve>;
  let port: number;
  beforeAll(async () => {
    server = serve({ fetch: test.app.fetch, port: 0, hostname: '127.0.0.1' });
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  /** As it is: fetch would tidy the path up, and undo the gzip. */
  const send = (path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: Buffer }> =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      })
        .on('error', reject)
        .end();
    });

  it.each(['/tile/0/%30%30%30', '/tile/0//000', '/tile//0/000', '/tile/0/000/', '/tile/0/000%2ep/7'])(
    '%s: 400',
    async (path) => {
      const { status, body } = await send(path);
      expect(status).toBe(400);
      expect(JSON.parse(body.toString())).toMatchObject({ code: 'invalid_parameter' });
    },
  );

  it('tiles and bundles arrive as they are, and 304 without a body', async () => {
    expect((await send('/tile/0/001')).body.equals(tree.tile(0, 1, 256))).toBe(true);
    const gzipped = await send('/tile/entries/001', { 'accept-encoding': 'gzip' });
    const plain = await send('/tile/entries/001');
    expect(gunzipSync(gzipped.body).equals(plain.body)).toBe(true);
    expect(await send('/tile/entries/001', { 'if-none-match': '*' })).toEqual({ status: 304, body: Buffer.alloc(0) });
  });
});
