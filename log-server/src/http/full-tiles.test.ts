import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatTilePath } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../logger.ts';
import { Metrics } from '../metrics.ts';
import { etagOf } from './conditional.ts';
import { fullTiles } from './full-tiles.ts';
import { Observer } from './observe.ts';

const LEFT = 404;

describe('full tiles in memory', () => {
  const tiles = new Map<string, Uint8Array>();
  /** A log that has every tile in memory, each with other bytes. */
  const tree = {
    fullTileInMemory(level: number, index: number): Uint8Array {
      const path = `/${formatTilePath({ level, index, width: 256 })}`;
      const hashes = tiles.get(path) ?? new Uint8Array(8_192).fill(tiles.size);
      tiles.set(path, hashes);
      return hashes;
    },
  };
  let server: Server;
  beforeAll(async () => {
    const take = fullTiles(tree, new Observer(new Metrics(), createLogger('silent')));
    server = createServer((request, response) => {
      if (!take(request, response)) response.writeHead(LEFT).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const get = (path: string) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);

  it.each([
    '/tile/0/000',
    '/tile/0/999',
    '/tile/0/x001/000',
    '/tile/0/x010/020',
    '/tile/0/x999/999',
    '/tile/1/007',
    '/tile/9/007',
  ])('%s is the tile of this path', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.equals(tiles.get(path)!)).toBe(true);
    expect(response.headers.get('etag')).toBe(etagOf(body));
  });

  it.each([
    '/tile/0/x000/001',
    '/tile/0/x001/x000/001',
    '/tile/0/1',
    '/tile/0/0001',
    '/tile/00/001',
    '/tile/0/001.p/7',
    '/tile/0/001.p/256',
    '/tile/0/001/',
    '/tile/0/001?a',
    '/tile/entries/001',
    '/tile/10/001',
  ])('%s is left to the interface', async (path) => {
    expect((await get(path)).status).toBe(LEFT);
  });

  it('gives each of many at a time its own bytes, tag and id', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const path = `/tile/0/${String(index).padStart(3, '0')}`;
        const response = await get(path);
        const body = Buffer.from(await response.arrayBuffer());
        expect(body.equals(tiles.get(path)!)).toBe(true);
        expect(response.headers.get('etag')).toBe(etagOf(body));
        return response.headers.get('x-request-id');
      }),
    );
    expect(new Set(answers).size).toBe(50);
  });
});
