import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { openCheckpoint, PlainTree } from '@assent/test-support/fault/index';
import { unwrap } from '@assent/test-support/results';
import {
  checkConsistency,
  checkInclusion,
  ed25519Spki,
  leafHash,
  parseEntry,
  parseVkey,
  verifySignedTreeHead,
} from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDLE_MS, IdleHeads } from '../src/publisher/idle-heads.ts';
import { insertWithheld } from '../src/store/withheld.ts';
import { appendMany } from './support/append-many.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';
import { createLogHome, silent } from './support/test-log.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const SIZE = 312;
/** Sizes at which trees differ in shape, and around the width of a tile. */
const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 127, 128, 129, 255, 256, 257, 300, 311, 312];

let test: TestApp;
let leaves: readonly Uint8Array[];
let tree: PlainTree;

type Sth = { tree_size: number; timestamp: number; sha256_root_hash: string; tree_head_signature: string };

const get = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  test.app.request(`/ct/v1/${path}`, { headers });
const read = async <T>(path: string): Promise<T> => {
  const response = await get(path);
  expect(response.status, path).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  return (await response.json()) as T;
};
const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
const base64 = (data: Uint8Array): string => Buffer.from(data).toString('base64');
const logKey = () => unwrap(parseVkey(test.log.vkey)).publicKey;

beforeAll(async () => {
  test = await createTestApp();
  await appendMany(test.log, 12, { together: false });
  for (let i = 0; i < 3; i++) await appendMany(test.log, 100, { together: true });
  const entries = await test.log.entries(0, SIZE);
  tree = new PlainTree(entries);
  leaves = entries.map((entry) => leafHash(entry));
});
afterAll(() => test.remove());

describe('get-sth', () => {
  it('is the head of the checkpoint, signed as RFC 6962 §3.5 says', async () => {
    const sth = await read<Sth>('get-sth');
    const checkpoint = openCheckpoint(await (await test.app.request('/checkpoint')).text(), test.log.vkey);
    expect(sth).toMatchObject({ tree_size: SIZE, sha256_root_hash: checkpoint.root });
    expect(checkpoint.size).toBe(SIZE);
    const newest = unwrap(parseEntry(await test.log.entry(SIZE - 1)));
    expect(sth.timestamp).toBeGreaterThanOrEqual(newest.loggedAt);

    // By hand, and with nothing of ours: version 0, tree_hash 1, timestamp, size, root; then 8, 7, the length, the signature.
    const signed = Buffer.alloc(50);
    signed[1] = 1;
    signed.writeBigUInt64BE(BigInt(sth.timestamp), 2);
    signed.writeBigUInt64BE(BigInt(sth.tree_size), 10);
    bytes(sth.sha256_root_hash).copy(signed, 18);
    const struct = bytes(sth.tree_head_signature);
    expect([...struct.subarray(0, 4)]).toEqual([8, 7, 0, 64]);
    expect(struct.length).toBe(68);
    const spki = Buffer.from(ed25519Spki(logKey().raw));
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    expect(verify(null, signed, key, struct.subarray(4))).toBe(true);
    // The RFC's LogID.
    const logId = `sha256:${createHash('sha256').update(spki).digest('hex')}`;
    expect(logKey().keyid).toBe(logId);
    expect(await (await test.app.request('/api/v1/log')).json()).toMatchObject({ log_id: logId });
  });

  it('verifies, is the same for everyone, and says so', async () => {
    const response = await get('get-sth');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const text = await response.text();
    expect(await verifySignedTreeHead(text, logKey())).toMatchObject({ ok: true, value: { size: SIZE } });
    const other = await test.home.open();
    expect(await other.log.ct.treeHead()).toBe(text);
    await other.close();

    const etag = response.headers.get('etag')!;
    const again = await get('get-sth', { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const head = await test.app.request('/ct/v1/get-sth', { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, '']);
  });

  it('of an idle log is signed anew with a newer time', async () => {
    const other = await createTestApp();
    try {
      const of = async (): Promise<Sth> => JSON.parse(await other.log.ct.treeHead()) as Sth;
      const before = await of();
      expect(before.tree_size).toBe(0);
      const { database, parts } = other;
      const now = (): number => before.timestamp + IDLE_MS;
      const idle = new IdleHeads({ kysely: database.kysely, publisher: parts.publisher, logger: silent, now });
      expect(await idle.renew()).toBe(true);
      const after = await of();
      expect(after).toEqual({ ...before, timestamp: now(), tree_head_signature: expect.any(String) });
      expect(after.tree_head_signature).not.toBe(before.tree_head_signature);
      const key = unwrap(parseVkey(other.log.vkey)).publicKey;
      expect((await verifySignedTreeHead(JSON.stringify(after), key)).ok).toBe(true);
    } finally {
      await other.remove();
    }
  });

  it('of a log that is read-only is refused', async () => {
    const other = await createTestApp();
    try {
      other.parts.publisher.stop('for this test');
      const response = await other.app.request('/ct/v1/get-sth');
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ code: 'read_only' });
    } finally {
      await other.remove();
    }
  });
});

describe('get-entries', () => {
  type Entries = { entries: { leaf_input: string; extra_data: string }[] };
  const between = (start: number, end: number): Promise<Entries> => read(`get-entries?start=${start}&end=${end}`);

  it('gives the whole log, from which the signed root can be computed', async () => {
    const found: Buffer[] = [];
    while (found.length < SIZE) {
      const { entries } = await between(found.length, SIZE - 1);
      expect(entries.length).toBeGreaterThan(0);
      for (const { leaf_input, extra_data } of entries) {
        expect(extra_data).toBe('');
        found.push(bytes(leaf_input));
      }
    }
    const { sha256_root_hash } = await read<Sth>('get-sth');
    expect(base64(new PlainTree(found).root())).toBe(sha256_root_hash);
  });

  it.each([
    [0, 0, 1],
    [7, 7, 1],
    [0, 255, 256],
    [0, 311, 256],
    [100, 1_000_000, 212],
    [311, 311, 1],
    [311, 9_007_199_254_740_991, 1],
  ])('from %i to %i: %i of them, in order, from the first on', async (start, end, count) => {
    const { entries } = await between(start, end);
    expect(entries.map(({ leaf_input }) => base64(leafHash(bytes(leaf_input))))).toEqual(
      leaves.slice(start, start + count).map(base64),
    );
  });

  it('may be kept for ever if all were there, and not if there may be more another time', async () => {
    const caching = async (query: string): Promise<string | null> =>
      (await get(`get-entries?${query}`)).headers.get('cache-control');
    expect(await caching('start=3&end=9')).toBe(IMMUTABLE);
    expect(await caching('start=300&end=400')).toBe('no-cache');
    expect(await caching('start=0&end=300')).toBe('no-cache');
  });

  it('stops after 4 MiB', async () => {
    const home = await createLogHome();
    try {
      const { log, sequencer } = await home.open();
      const large = (): Promise<unknown> =>
        sequencer.append({
          statement: randomBytes(32),
          identity: randomBytes(32),
          apiKey: null,
          bytes: 65_000,
          format: () => Buffer.alloc(65_000, randomBytes(8)),
        });
      await Promise.all(Array.from({ length: 70 }, large));
      expect(await log.ct.entries(0, 69)).toHaveLength(64);
      expect(await log.ct.entries(64, 69)).toHaveLength(6);
    } finally {
      await home.remove();
    }
  });

  it('stops before an entry that is withheld, and says so where it is the first', async () => {
    const home = await createLogHome();
    try {
      const { log, database, close } = await home.open();
      await appendMany(log, 6, { together: true });
      await insertWithheld(database.kysely, { index: 3, reason: 'order 7', at: 1 });
      await close();
      const { log: later } = await home.open();
      expect(await later.ct.entries(0, 5)).toHaveLength(3);
      expect(await later.ct.entries(4, 5)).toHaveLength(2);
      await expect(later.ct.entries(3, 5)).rejects.toMatchObject({ code: 'withheld' });
      await expect(later.ct.entryAndProof(3, 6)).rejects.toMatchObject({ code: 'withheld' });
      const tile = await later.tree.tile({ level: 0, index: 0, width: 6 });
      expect(await later.ct.proofByHash(tile!.subarray(96, 128), 6)).toMatchObject({ index: 3 });
    } finally {
      await home.remove();
    }
  });
});

describe('proofs', () => {
  const check = (index: number, size: number, path: readonly string[]): void => {
    const evidence = { index, size, leafHash: leaves[index]!, proof: path.map(bytes), root: tree.root(size) };
    expect(checkInclusion(evidence), `${index} of ${size}`).toEqual({ ok: true, value: undefined });
  };

  it('by hash: of every entry in the newest tree', async () => {
    for (const [index, hash] of leaves.entries()) {
      const found = await read<{ leaf_index: number; audit_path: string[] }>(
        `get-proof-by-hash?${new URLSearchParams({ hash: base64(hash), tree_size: String(SIZE) })}`,
      );
      expect(found.leaf_index).toBe(index);
      check(index, SIZE, found.audit_path);
    }
  });

  it('by hash and with the entry: in older trees, for the first, the last and some between', async () => {
    for (const size of SIZES) {
      for (const index of new Set([0, Math.floor(size / 2), Math.max(0, size - 2), size - 1])) {
        const query = new URLSearchParams({ tree_size: String(size), hash: base64(leaves[index]!) });
        const byHash = await read<{ leaf_index: number; audit_path: string[] }>(`get-proof-by-hash?${query}`);
        expect(byHash.leaf_index).toBe(index);
        check(index, size, byHash.audit_path);
        const withEntry = await read<{ leaf_input: string; extra_data: string; audit_path: string[] }>(
          `get-entry-and-proof?leaf_index=${index}&tree_size=${size}`,
        );
        expect(base64(leafHash(bytes(withEntry.leaf_input)))).toBe(base64(leaves[index]!));
        expect(withEntry.extra_data).toBe('');
        expect(withEntry.audit_path).toEqual(byHash.audit_path);
      }
    }
  });

  it('of consistency: between any two sizes, and from nothing', async () => {
    for (const second of SIZES) {
      for (const first of [0, ...SIZES.filter((size) => size <= second)]) {
        const { consistency } = await read<{ consistency: string[] }>(
          `get-sth-consistency?first=${first}&second=${second}`,
        );
        const [fromRoot, toRoot] = [tree.root(first), tree.root(second)];
        const evidence = { from: first, to: second, fromRoot, toRoot, proof: consistency.map(bytes) };
        expect(checkConsistency(evidence), `${first} to ${second}`).toEqual({ ok: true, value: undefined });
      }
    }
    expect(await read('get-sth-consistency?first=0&second=0')).toEqual({ consistency: [] });
  });

  it('may be kept for ever', async () => {
    for (const path of [
      'get-sth-consistency?first=3&second=7',
      'get-entry-and-proof?leaf_index=3&tree_size=7',
      `get-proof-by-hash?tree_size=7&hash=${encodeURIComponent(base64(leaves[3]!))}`,
    ]) {
      const response = await get(path);
      expect(response.headers.get('cache-control'), path).toBe(IMMUTABLE);
      const fresh = await get(path, { 'if-none-match': response.headers.get('etag')! });
      expect(fresh.status, path).toBe(304);
    }
  });

  it('by hash: a plus sign has to be written %2B, as in every form', async () => {
    const index = leaves.findIndex((leaf) => base64(leaf).includes('+'));
    const hash = base64(leaves[index]!);
    const written = hash.replaceAll('+', '%2B').replaceAll('/', '%2F').replaceAll('=', '%3D');
    expect(await read(`get-proof-by-hash?tree_size=${SIZE}&hash=${written}`)).toMatchObject({ leaf_index: index });
    const halfWritten = hash.replaceAll('+', '%2b');
    expect(await read(`get-proof-by-hash?tree_size=${SIZE}&hash=${halfWritten}`)).toMatchObject({ leaf_index: index });
    const response = await get(`get-proof-by-hash?tree_size=${SIZE}&hash=${hash}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'invalid_parameter',
      detail: expect.stringContaining('write %2B'),
    });
  });

  it('by hash: none for a leaf that the tree of that size does not have yet', async () => {
    for (const [hash, size] of [
      [leaves[7]!, 7],
      [leaves[311]!, 311],
      [new Uint8Array(32), SIZE],
    ] as const) {
      const response = await get(
        `get-proof-by-hash?${new URLSearchParams({ hash: base64(hash), tree_size: String(size) })}`,
      );
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'not_found' });
    }
  });

  it('by hash: none from a look-up that says otherwise than the tree', async () => {
    const other = await createTestApp();
    try {
      // One after the other: each has a block of its own.
      await appendMany(other.log, 3, { together: false });
      const wrong = Buffer.alloc(32, 7);
      await other.database.pool.query('update blocks set leaf_hashes = $1 where first = 1', [wrong]);
      await other.database.pool.query('update records set leaf8 = $1 where idx = 1', [wrong.readBigInt64BE(0)]);
      await expect(other.log.ct.proofByHash(wrong, 3)).rejects.toMatchObject({ code: 'stored_data_damaged' });
    } finally {
      await other.remove();
    }
  });
});

describe('parameters', () => {
  const HASH = encodeURIComponent(base64(new Uint8Array(32)));

  it.each([
    'get-sth-consistency',
    'get-sth-consistency?first=1',
    'get-sth-consistency?second=1',
    'get-sth-consistency?first=&second=1',
    'get-sth-consistency?first=2&second=1',
    'get-sth-consistency?first=1&second=313',
    'get-sth-consistency?first=313&second=313',
    'get-sth-consistency?first=-1&second=1',
    'get-sth-consistency?first=%2B1&second=2',
    'get-sth-consistency?first=01&second=2',
    'get-sth-consistency?first=1.0&second=2',
    'get-sth-consistency?first=0x1&second=2',
    'get-sth-consistency?first=1e0&second=2',
    'get-sth-consistency?first=%201&second=2',
    'get-sth-consistency?first=1&second=18446744073709551615',
    'get-sth-consistency?first=1&second=9007199254740992',
    'get-sth-consistency?first=1&first=1&second=2',
    'get-sth-consistency?first=1&second=2&third=3',
    'get-proof-by-hash',
    `get-proof-by-hash?hash=${HASH}`,
    'get-proof-by-hash?tree_size=1',
    `get-proof-by-hash?hash=${HASH}&tree_size=0`,
    `get-proof-by-hash?hash=${HASH}&tree_size=313`,
    `get-proof-by-hash?hash=${HASH}&tree_size=-1`,
    'get-proof-by-hash?hash=&tree_size=1',
    `get-proof-by-hash?hash=${HASH.slice(0, -3)}&tree_size=1`,
    `get-proof-by-hash?hash=${encodeURIComponent(base64(new Uint8Array(31)))}&tree_size=1`,
    `get-proof-by-hash?hash=${encodeURIComponent(base64(new Uint8Array(33)))}&tree_size=1`,
    `get-proof-by-hash?hash=${'_'.repeat(43)}%3D&tree_size=1`,
    `get-proof-by-hash?hash=${'0'.repeat(64)}&tree_size=1`,
    `get-proof-by-hash?hash=%20${HASH}&tree_size=1`,
    `get-proof-by-hash?hash=${'A'.repeat(42)}B%3D&tree_size=1`,
    'get-entries',
    'get-entries?start=0',
    'get-entries?end=0',
    'get-entries?start=1&end=0',
    'get-entries?start=312&end=312',
    'get-entries?start=312&end=400',
    'get-entries?start=-1&end=0',
    'get-entries?start=0&end=-1',
    'get-entries?start=00&end=1',
    'get-entries?start=0&end=1&limit=1',
    'get-entry-and-proof',
    'get-entry-and-proof?leaf_index=0',
    'get-entry-and-proof?tree_size=1',
    'get-entry-and-proof?leaf_index=0&tree_size=0',
    'get-entry-and-proof?leaf_index=1&tree_size=1',
    'get-entry-and-proof?leaf_index=0&tree_size=313',
    'get-entry-and-proof?leaf_index=-1&tree_size=1',
  ])('%s: 400', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ code: 'invalid_parameter', status: 400 });
  });

  it.each(['add-chain', 'add-pre-chain', 'get-roots', 'get-sth/', ''])('there is no %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it('of an empty log: a tree head, and nothing else', async () => {
    const other = await createTestApp();
    try {
      const status = async (path: string): Promise<number> => (await other.app.request(`/ct/v1/${path}`)).status;
      const sth = (await (await other.app.request('/ct/v1/get-sth')).json()) as Sth;
      expect(sth).toMatchObject({ tree_size: 0, sha256_root_hash: base64(createHash('sha256').digest()) });
      expect(await status('get-sth-consistency?first=0&second=0')).toBe(200);
      expect(await status('get-entries?start=0&end=0')).toBe(400);
      expect(await status(`get-proof-by-hash?hash=${HASH}&tree_size=1`)).toBe(400);
      expect(await status('get-entry-and-proof?leaf_index=0&tree_size=1')).toBe(400);
    } finally {
      await other.remove();
    }
  });
});
