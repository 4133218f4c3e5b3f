import {
  checkConsistency,
  checkInclusion,
  hexDecode,
  leafHash,
  MemoryTree,
  parseReceipt,
  parseTlogProof,
  treeRoot,
  verifyReceipt,
} from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendTogether, rawApproval } from './support/append-together.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const RECEIPT = 'application/vnd.assent.receipt+json';
/** Batches of this many entries: the chain has heads of sizes 0, 1, 4 and 8, and none between. */
const BATCHES = [1, 3, 4];
const SIZES = [1, 4, 8];
const TOTAL = 8;

const bytesOf = (digest: unknown): Uint8Array => {
  const bytes = hexDecode(String(digest).replace(/^sha256:/, ''));
  if (!bytes.ok) throw new Error(`${digest} is no digest`);
  return bytes.value;
};

describe('receipts and proofs of older sizes', () => {
  let test: TestApp;
  const handedOut = new Map<number, string>();
  const memory = new MemoryTree();

  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    Promise.resolve(test.app.request(path, { headers }));
  const json = async (path: string): Promise<Record<string, unknown>> => {
    const response = await get(path);
    expect(response.status, path).toBe(200);
    return (await response.json()) as Record<string, unknown>;
  };
  const refused = async (path: string, status: number, code: string, detail: string | RegExp): Promise<void> => {
    const response = await get(path);
    const problem = (await response.json()) as { code: string; detail: string };
    expect({ status: response.status, code: problem.code }, path).toEqual({ status, code });
    expect(problem.detail).toMatch(detail);
  };

  beforeAll(async () => {
    test = await createTestApp();
    for (const count of BATCHES) {
      await appendTogether(
        test.parts.sequencer,
        Array.from({ length: count }, () => rawApproval()),
      );
      const { size, checkpoint } = await test.log.head();
      handedOut.set(size, checkpoint);
    }
    for (const entry of await test.log.entries(0, TOTAL)) memory.append(leafHash(entry));
    expect([...handedOut.keys()]).toEqual(SIZES);
  });
  afterAll(() => test.remove());

  it('proves every entry against every signed size that holds it, with the checkpoint of then', async () => {
    for (const size of SIZES) {
      for (let index = 0; index < size; index++) {
        const receipt = await (await get(`/api/v1/receipts/${index}?size=${size}`)).text();
        const parsed = parseReceipt(receipt);
        const proof = parsed.ok ? parseTlogProof(parsed.value.proof) : parsed;
        expect(proof, `${index} in ${size}`).toMatchObject({ ok: true, value: { checkpoint: handedOut.get(size) } });
        const report = await verifyReceipt(receipt, { logKeys: [test.log.vkey] });
        expect(report).toMatchObject({ verdict: 'authentic', log: { index, size } });
      }
    }
  });

  it('says which sizes are near one that was never signed', async () => {
    await refused('/api/v1/receipts/0?size=3', 404, 'not_found', /size 3\. The nearest: 1 and 4\./);
    await refused('/api/v1/receipts/0?size=6', 404, 'not_found', /size 6\. The nearest: 4 and 8\./);
    await refused('/api/v1/receipts/0?size=9', 404, 'not_found', /newest signed size is 8/);
    await refused('/api/v1/receipts/4?size=4', 400, 'invalid_parameter', /size 4 does not hold entry 4/);
    await refused('/api/v1/receipts/0?size=0', 400, 'invalid_parameter', /size 0 does not hold entry 0/);
    await refused('/api/v1/receipts/0?size=04', 400, 'invalid_parameter', /"size" must be a decimal/);
    await refused('/api/v1/receipts/0?size=4&size=8', 400, 'invalid_parameter', /"size" more than once/);
    await refused('/api/v1/receipts/0?sice=4', 400, 'invalid_parameter', /no parameter "sice"/);
  });

  it('the bare tlog-proof for text/plain, which is the proof of the receipt', async () => {
    const receipt = parseReceipt(await (await get('/api/v1/receipts/2?size=4')).text());
    const bare = await get('/api/v1/receipts/2?size=4', { accept: 'application/json;q=0.1, text/plain' });
    expect(bare.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(bare.headers.get('vary')).toBe('Accept');
    expect(receipt).toMatchObject({ ok: true, value: { proof: await bare.text() } });
    const preferred = await get('/api/v1/receipts/2', { accept: `text/plain;q=0.5, ${RECEIPT}` });
    expect(preferred.headers.get('content-type')).toBe(RECEIPT);
    expect(preferred.headers.get('vary')).toBe('Accept');
  });

  it('an inclusion proof for every entry at every size, signed or not', async () => {
    for (let size = 1; size <= TOTAL; size++) {
      for (let index = 0; index < size; index++) {
        const answer = await json(`/api/v1/proofs/inclusion?index=${index}&size=${size}`);
        const root = await treeRoot(size, memory);
        expect(answer).toMatchObject({ index, size, root: `sha256:${Buffer.from(root).toString('hex')}` });
        const leaf = bytesOf(answer.leaf_hash);
        const proof = (answer.proof as unknown[]).map(bytesOf);
        expect(checkInclusion({ index, size, leafHash: leaf, proof, root }).ok, `${index} in ${size}`).toBe(true);
        expect(answer.checkpoint).toBeUndefined();
      }
    }
  });

  it('a consistency proof for every pair of sizes, empty from 0 and between equal ones', async () => {
    for (let to = 0; to <= TOTAL; to++) {
      for (let from = 0; from <= to; from++) {
        const answer = await json(`/api/v1/proofs/consistency?from=${from}&to=${to}`);
        const fromRoot = await treeRoot(from, memory);
        const toRoot = await treeRoot(to, memory);
        expect([bytesOf(answer.from_root), bytesOf(answer.to_root)]).toEqual([fromRoot, toRoot]);
        const proof = (answer.proof as unknown[]).map(bytesOf);
        expect(checkConsistency({ from, to, fromRoot, toRoot, proof }).ok, `${from} to ${to}`).toBe(true);
        if (from === 0 || from === to) expect(proof).toEqual([]);
      }
    }
  });

  it('the newest size by default, with its checkpoint and without being kept', async () => {
    const inclusion = await json('/api/v1/proofs/inclusion?index=0');
    const consistency = await json('/api/v1/proofs/consistency?from=4');
    expect(inclusion).toMatchObject({ size: TOTAL, checkpoint: handedOut.get(TOTAL) });
    expect(consistency).toMatchObject({ from: 4, to: TOTAL, checkpoint: handedOut.get(TOTAL) });
    const open = await get('/api/v1/proofs/inclusion?index=0');
    const fixed = await get('/api/v1/proofs/inclusion?index=0&size=8');
    expect([open, fixed].map(({ headers }) => headers.get('cache-control'))).toEqual([
      'no-cache',
      'public, max-age=31536000, immutable',
    ]);
  });

  it('refuses proofs that no tree has', async () => {
    await refused('/api/v1/proofs/inclusion?index=8', 404, 'not_found', 'There is no entry 8');
    await refused('/api/v1/proofs/inclusion?index=0&size=9', 404, 'not_found', 'newest signed size is 8');
    await refused('/api/v1/proofs/inclusion?index=4&size=4', 400, 'invalid_parameter', '4 is not below 4');
    await refused('/api/v1/proofs/inclusion', 400, 'invalid_parameter', 'index');
    await refused('/api/v1/proofs/consistency?from=9', 404, 'not_found', 'newest signed size is 8');
    await refused('/api/v1/proofs/consistency?from=0&to=9', 404, 'not_found', 'newest signed size is 8');
    await refused('/api/v1/proofs/consistency?from=5&to=4', 400, 'invalid_parameter', '5 is above 4');
    await refused('/api/v1/proofs/consistency?from=9007199254740993', 400, 'invalid_parameter', 'too large');
  });

  it('signs no head whose stored root is not that of the tree, and none at all when it has stopped', async () => {
    const { kysely } = test.parts.database;
    const { root } = await kysely.selectFrom('heads').select('root').where('size', '=', 1).executeTakeFirstOrThrow();
    await kysely
      .updateTable('heads')
      .set({ root: Buffer.alloc(32) })
      .where('size', '=', 4)
      .execute();
    const damaged = await get('/api/v1/receipts/0?size=4');
    expect(await damaged.json()).toMatchObject({ status: 500, code: 'stored_data_damaged' });
    expect((await get('/api/v1/receipts/0?size=1')).status).toBe(200);
    expect(root).toHaveLength(32);
    const unsigned = { seq: 99, size: 99, root, timestamp: 0 };
    await expect(test.parts.publisher.signAgain(unsigned)).rejects.toThrow(RangeError);
    test.parts.publisher.stop('stopped by the test');
    const stopped = await get('/api/v1/receipts/0?size=1');
    expect(await stopped.json()).toMatchObject({ code: 'read_only' });
    expect((await get('/api/v1/receipts/0')).status).toBe(200);
  });
});
