import { createServer, type RequestListener, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkInclusion, leafHash, parseReceipt, parseTlogProof } from '@assent/verifier';
import { getRequestListener } from '@hono/node-server';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Database, openDatabase } from '../src/database/connect.ts';
import { fullTiles } from '../src/http/full-tiles.ts';
import { Observer } from '../src/http/observe.ts';
import { readAtOnce } from '../src/http/read-at-once.ts';
import { createLogger } from '../src/logger.ts';
import { Metrics } from '../src/metrics.ts';
import { nativeSha256 } from '../src/native-primitives.ts';
import { EntryReads } from '../src/store/entry-reads.ts';
import { insertWithheld } from '../src/store/withheld.ts';
import { appendMany } from './support/append-many.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const SIZE = 300;

describe('reading', () => {
  let test: TestApp;
  let reads: Database;
  let log: TestApp['log'];

  beforeAll(async () => {
    test = await createTestApp();
    // Blocks of one entry, blocks of sixteen, and blocks that end where their batch did.
    await appendMany(test.log, 5, { together: false });
    await appendMany(test.log, SIZE - 5, { together: true });
    reads = await openDatabase({ connectionString: test.home.testDatabase.url, max: 4 });
    ({ log } = await test.home.open({ reads }));
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await test.remove();
    await reads.close();
  });

  /** The statements that readers' connections run from here on. */
  async function watchStatements(): Promise<string[]> {
    const statements: string[] = [];
    const client = (await reads.pool.connect()) as pg.PoolClient;
    const prototype = Object.getPrototypeOf(client) as { query: pg.PoolClient['query'] };
    client.release();
    const { query } = prototype;
    vi.spyOn(prototype, 'query').mockImplementation(function (this: pg.PoolClient, ...args: unknown[]) {
      const [first] = args as [string | { text: string }];
      statements.push(typeof first === 'string' ? first : first.text);
      return Reflect.apply(query, this, args);
    } as typeof query);
    return statements;
  }

  it('gives each entry its receipt, wherever its block begins and ends, and asks once for those that come together', async () => {
    const { size, root } = await log.head();
    await log.entry(0);
    const statements = await watchStatements();
    const receipts = await Promise.all(Array.from({ length: size }, (_, index) => log.receipts.at(index)));
    for (const [index, text] of receipts.entries()) {
      const receipt = parseReceipt(text);
      if (!receipt.ok) throw new Error(receipt.detail);
      const proof = parseTlogProof(receipt.value.proof);
      if (!proof.ok) throw new Error(proof.detail);
      expect(proof.value.index).toBe(index);
      const hash = leafHash(Buffer.from(receipt.value.entry), nativeSha256);
      const proven = checkInclusion({ index, size, leafHash: hash, proof: proof.value.proof, root });
      expect(proven, `entry ${index}`).toMatchObject({ ok: true });
    }
    expect(statements.filter((text) => text.includes('unnest')).length).toBeLessThanOrEqual(SIZE / 64 + 2);
    expect(statements.filter((text) => text.includes('tiles') && !text.includes('unnest'))).toEqual([]);
  });

  it('reads the whole block where an entry takes more than its share of it', async () => {
    const { kysely } = test.database;
    const block = await kysely
      .selectFrom('blocks')
      .selectAll()
      .where('count', '>=', 8)
      .orderBy('first')
      .executeTakeFirstOrThrow();
    const entry = await log.entry(block.first);
    // Empty stored blocks of deflate: 10 kB that inflate to nothing, before what there is.
    const nothing = Buffer.alloc(10_000, Buffer.from('000000ffff', 'hex'));
    const data = Buffer.concat([nothing, block.data]);
    await kysely.updateTable('blocks').set({ data }).where('first', '=', block.first).execute();
    try {
      const statements = await watchStatements();
      expect(await log.entry(block.first)).toEqual(entry);
      expect(statements.filter((text) => text.includes('"blocks"'))).toHaveLength(1);
      expect(await log.entry(block.first + block.count - 1)).toBeDefined();
      expect(statements.filter((text) => text.includes('"blocks"'))).toHaveLength(1);
    } finally {
      await kysely.updateTable('blocks').set({ data: block.data }).where('first', '=', block.first).execute();
    }
  });

  it('gives different receipts different tags, and the same one the same, without hashing it', async () => {
    const tagOf = async (path: string, headers = {}): Promise<string> =>
      (await test.app.request(path, { headers })).headers.get('etag')!;
    const plain = { accept: 'text/plain' };
    const { size } = await test.log.head();
    const tags = [
      await tagOf('/api/v1/receipts/0'),
      await tagOf('/api/v1/receipts/1'),
      await tagOf('/api/v1/receipts/0?size=5'),
      await tagOf('/api/v1/receipts/0', plain),
      await tagOf('/api/v1/receipts/0?size=5', plain),
      await tagOf(`/ct/v1/get-entry-and-proof?leaf_index=0&tree_size=${size}`),
      await tagOf('/ct/v1/get-entry-and-proof?leaf_index=0&tree_size=5'),
    ];
    expect(new Set(tags).size).toBe(tags.length);
    expect(await tagOf('/api/v1/receipts/0')).toBe(tags[0]);
    const fresh = await test.app.request('/api/v1/receipts/0', { headers: { 'if-none-match': tags[0]! } });
    expect(fresh.status).toBe(304);
    await appendMany(test.log, 1, { together: false });
    expect(await tagOf('/api/v1/receipts/0')).not.toBe(tags[0]);
  });

  it('tells every caller when the database fails, and goes on afterwards', async () => {
    let fails = true;
    const single = new EntryReads({
      query: (...args: unknown[]) =>
        fails ? Promise.reject(new Error('gone')) : Reflect.apply(reads.pool.query, reads.pool, args),
    } as Pick<pg.Pool, 'query'>);
    const ask = (index: number) => single.read(index, { leaves: true });
    const answers = await Promise.allSettled([ask(1), ask(2), ask(1)]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    fails = false;
    const { block, leaves } = await ask(20);
    expect(block!.first).toBeLessThanOrEqual(20);
    expect(leaves).toHaveLength(256);
    // The first entries are a block each, so that their leaf hashes come out of the tile: the same ones.
    const { leaves: first } = await ask(0);
    expect(first).toEqual(Buffer.from((await log.tree.tile({ level: 0, index: 0, width: 256 }))!.subarray(0, 256)));
    expect((await single.read(0, { leaves: false })).leaves).toBeUndefined();
    expect(await ask(SIZE + 100)).toEqual({ block: undefined, leaves: undefined });
  });

  it('answers a flipped bit with a code, in receipts, entries, bundles and CT’s own form, and its neighbours', async () => {
    const { kysely } = test.database;
    const block = await kysely.selectFrom('blocks').selectAll().where('first', '=', 2).executeTakeFirstOrThrow();
    const data = Buffer.from(block.data);
    data[200]! ^= 0x10;
    await kysely.updateTable('blocks').set({ data }).where('first', '=', 2).execute();
    try {
      for (const path of [
        '/api/v1/receipts/2',
        '/api/v1/entries/2',
        '/tile/entries/000',
        `/ct/v1/get-entry-and-proof?leaf_index=2&tree_size=${SIZE}`,
      ]) {
        const response = await test.app.request(path);
        expect(await response.json(), path).toMatchObject({ status: 500, code: 'stored_data_damaged', index: 2 });
      }
      expect((await test.app.request('/api/v1/receipts/1')).status).toBe(200);
      expect((await test.app.request('/api/v1/receipts/3')).status).toBe(200);
    } finally {
      await kysely.updateTable('blocks').set({ data: block.data }).where('first', '=', 2).execute();
    }
    expect((await test.app.request('/api/v1/receipts/2')).status).toBe(200);
  });

  it('reads around a withheld entry with one query', async () => {
    await insertWithheld(test.database.kysely, { index: 10, reason: 'a court', at: 1 });
    // A server of its own, as what another believes of the list may be two seconds old.
    const { log: fresh } = await test.home.open({ reads });
    const statements = await watchStatements();
    const entries = await fresh.readableEntries(0, 256);
    expect(entries.flatMap((entry, index) => (entry === undefined ? [index] : []))).toEqual([10]);
    expect(statements.filter((text) => text.includes('"blocks"'))).toHaveLength(1);
    await expect(fresh.receipt('10')).rejects.toMatchObject({ code: 'withheld' });
  });

  describe('what is answered at once', () => {
    let server: Server;
    const metrics = new Metrics();
    const logger = createLogger('silent');
    let others = 0;
    beforeAll(async () => {
      // The same log as in the application, which has its own reading of what is withheld.
      const answer = getRequestListener(test.app.fetch);
      const observer = new Observer(metrics, logger);
      await insertWithheld(test.database.kysely, { index: 11, reason: 'a court', at: 1 });
      // What a server believes of the list may be two seconds old.
      await vi.waitFor(() => expect(test.log.entry(11)).rejects.toMatchObject({ code: 'withheld' }), 10_000);
      const atOnce = [fullTiles(log.tree, observer), readAtOnce({ log: test.log, observer, logger })];
      const listener: RequestListener = (incoming, outgoing) => {
        if (atOnce.some((take) => take(incoming, outgoing))) return;
        others++;
        void answer(incoming, outgoing);
      };
      server = createServer(listener).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    const get = (path: string, headers = {}, method = 'GET') =>
      new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
        const { port } = server.address() as AddressInfo;
        request({ host: '127.0.0.1', port, path, headers, method, agent: false }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
          );
        })
          .on('error', reject)
          .end();
      });

    /** Without what differs from one answer to the next. */
    const comparable = (answer: Awaited<ReturnType<typeof get>>) => ({
      status: answer.status,
      headers: { ...answer.headers, 'x-request-id': '', date: '' },
      body: answer.body.toString().replace(/urn:assent:request:[\w-]+/, ''),
    });

    it.each([
      ['a receipt', '/api/v1/receipts/20', 200],
      ['a receipt of the newest entry', '/api/v1/receipts/<last>', 200],
      ['an entry and its proof', '/ct/v1/get-entry-and-proof?leaf_index=20&tree_size=<size>', 200],
      ['the same of an older size', '/ct/v1/get-entry-and-proof?leaf_index=20&tree_size=23', 200],
      ['a receipt that is not there', '/api/v1/receipts/100000', 404],
      ['a receipt that is withheld', '/api/v1/receipts/11', 451],
      ['an entry that is withheld', '/ct/v1/get-entry-and-proof?leaf_index=11&tree_size=23', 451],
      ['a place beyond the size', '/ct/v1/get-entry-and-proof?leaf_index=23&tree_size=23', 400],
      ['a size that is not there', '/ct/v1/get-entry-and-proof?leaf_index=23&tree_size=100000', 400],
    ])('%s: as the interface answers', async (_, template, status) => {
      const { size } = await test.log.head();
      const path = template.replace('<size>', String(size)).replace('<last>', String(size - 1));
      const before = others;
      // As long as one that the log makes.
      const slow = await get(path, { 'x-request-id': 'm'.repeat(36) });
      expect(others).toBe(before + 1);
      const fast = await get(path);
      expect(others).toBe(before + 1);
      expect(fast.status).toBe(status);
      expect(comparable(fast)).toEqual(comparable(slow));
      expect(fast.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('counts them, and says what was refused', async () => {
      const text = await metrics.text();
      expect(text).toMatch(/request_seconds_count\{route="\/api\/v1\/receipts\/\{entry\}",status="2xx"\} 2/);
      expect(text).toMatch(/request_seconds_count\{route="\/ct\/v1\/get-entry-and-proof",status="4xx"\} 3/);
      expect(text).toMatch(/assent_refusals_total\{code="withheld"\} 2/);
    });

    it('a full tile in memory, as the interface does', async () => {
      others = 0;
      const slow = await get('/tile/0/000', { 'x-request-id': 'mine' });
      expect(others).toBe(1);
      const fast = await get('/tile/0/000');
      expect(others).toBe(1);
      expect(fast.body).toHaveLength(8_192);
      expect(fast.body).toEqual(slow.body);
      expect({ ...fast.headers, 'x-request-id': '', date: '' }).toEqual({
        ...slow.headers,
        'x-request-id': '',
        date: '',
      });
      expect(fast.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(await metrics.text()).toMatch(
        /request_seconds_count\{route="\/tile\/\{level\}\/\{path\}",status="2xx"\} 1/,
      );
    });

    it.each([
      ['HEAD of a receipt', '/api/v1/receipts/20', {}, 'HEAD', 200],
      ['a preferred form', '/api/v1/receipts/20', { accept: 'text/plain' }, 'GET', 200],
      ['an API key', '/api/v1/receipts/20', { authorization: 'Bearer wrong' }, 'GET', 401],
      ['an older size', '/api/v1/receipts/2?size=5', {}, 'GET', 200],
      ['a number that is not canonical', '/api/v1/receipts/020', {}, 'GET', 400],
      [
        'what the client has',
        '/ct/v1/get-entry-and-proof?leaf_index=2&tree_size=5',
        { 'if-none-match': '"2-5"' },
        'GET',
        304,
      ],
      ['a parameter more', '/ct/v1/get-entry-and-proof?leaf_index=2&tree_size=5&a=b', {}, 'GET', 400],
      ['HEAD', '/tile/0/000', {}, 'HEAD', 200],
      ['a condition', '/tile/0/000', { 'if-none-match': '*' }, 'GET', 304],
      ['a host that is none', '/tile/0/000', { host: 'a b' }, 'GET', 400],
      ['a tile that is not full', '/tile/0/001.p/44', {}, 'GET', 200],
      ['a tile that is not there', '/tile/0/002', {}, 'GET', 404],
      ['another spelling', '/tile/0/x000/000', {}, 'GET', 400],
      ['a bundle', '/tile/entries/001.p/44', {}, 'GET', 200],
    ])('goes the long way with %s', async (_, path, headers, method, status) => {
      const before = others;
      expect((await get(path, headers, method)).status).toBe(status);
      expect(others).toBe(before + 1);
    });
  });
});
