import {
  checkConsistency,
  checkInclusion,
  formatTilePath,
  leafHash,
  MemoryTree,
  parseBundle,
  parseCheckpoint,
  parseNote,
  proveConsistency,
  proveInclusion,
  utf8Encode,
  verifyReceipt,
} from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKeys } from '../src/api-keys.ts';
import { createApp } from '../src/http/app.ts';
import { approve, createTestApp, SERVICE, type TestApp } from './support/test-app.ts';
import { ORIGIN, silent } from './support/test-log.ts';

describe('the reading interface', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await createTestApp();
  });
  afterAll(() => test.remove());

  beforeAll(async () => {
    for (let i = 0; i < 3; i++) await test.post({ kind: 'approval', content: approve().envelope });
  });

  it('the log, its checkpoint, and entries as they were stored', async () => {
    const info = (await (await test.app.request('/api/v1/log')).json()) as {
      origin: string;
      vkeys: string[];
      size: number;
    };
    expect(info).toMatchObject({ origin: ORIGIN, vkeys: [test.log.vkey] });
    const checkpoint = await test.app.request('/checkpoint');
    expect(checkpoint.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const note = parseNote(await checkpoint.text());
    const head = note.ok ? parseCheckpoint(note.value.text) : note;
    expect(head).toMatchObject({ ok: true, value: { origin: ORIGIN, size: info.size } });
    const entry = await test.app.request('/api/v1/entries/0', { headers: { accept: 'application/octet-stream' } });
    expect(entry.headers.get('content-type')).toBe('application/octet-stream');
    expect(new Uint8Array(await entry.arrayBuffer())).toEqual(
      utf8Encode(await (await test.app.request('/api/v1/entries/0')).text()),
    );
  });

  it('a receipt by index, by leaf hash, by statement digest and by service/id', async () => {
    const approval = approve();
    const response = await test.post({ kind: 'approval', content: approval.envelope });
    const index = Number(response.headers.get('location')?.split('/').at(-1));
    const entry = new Uint8Array(await (await test.app.request(`/api/v1/entries/${index}`)).arrayBuffer());
    const leaf = `sha256:${Buffer.from(leafHash(entry)).toString('hex')}`;
    for (const query of [index, leaf, approval.digest, `${SERVICE}/${approval.statement.id}`]) {
      for (const path of [`/api/v1/receipts/${query}`, `/api/v1/receipts?name=${query}`]) {
        const receipt = await test.app.request(path);
        expect(receipt.status, path).toBe(200);
        const report = await verifyReceipt(await receipt.text(), { logKeys: [test.log.vkey] });
        expect(report, path).toMatchObject({ verdict: 'authentic', log: { index } });
      }
    }
  });

  it('tiles and bundles from which the tree can be recomputed', async () => {
    const total = await test.size();
    const tile = await test.app.request(`/${formatTilePath({ level: 0, index: 0, width: total })}`);
    expect(tile.headers.get('cache-control')).toContain('immutable');
    const bundle = await test.app.request(`/tile/entries/000.p/${total}`);
    const entries = parseBundle(new Uint8Array(await bundle.arrayBuffer()), total);
    const leaves = entries.ok ? Buffer.concat(entries.value.map((entry) => leafHash(entry))) : Buffer.alloc(0);
    expect(Buffer.from(await tile.arrayBuffer()).equals(leaves)).toBe(true);
  });

  it.each([
    ['/api/v1/entries/999999', 404, 'not_found'],
    ['/api/v1/entries/01', 400, 'invalid_parameter'],
    ['/api/v1/entries/-1', 400, 'invalid_parameter'],
    ['/api/v1/entries/1e3', 400, 'invalid_parameter'],
    ['/api/v1/receipts/999999', 404, 'not_found'],
    [`/api/v1/receipts/sha256:${'0'.repeat(64)}`, 404, 'not_found'],
    ['/api/v1/receipts/sha256:00', 400, 'invalid_parameter'],
    ['/api/v1/receipts/a/b/c', 400, 'invalid_parameter'],
    ['/api/v1/receipts/no.such/thing', 404, 'not_found'],
    ['/api/v1/receipts', 400, 'invalid_parameter'],
    ['/api/v1/receipts?name=../..', 404, 'not_found'],
    ['/tile/0/001', 404, 'not_found'],
    ['/tile/0/000.p/255', 404, 'not_found'],
    ['/tile/0/0', 400, 'invalid_parameter'],
    ['/tile/0/000.p/256', 400, 'invalid_parameter'],
    ['/tile/00/000', 400, 'invalid_parameter'],
    ['/tile/64/000', 400, 'invalid_parameter'],
    ['/tile/entries/000.p/255', 404, 'not_found'],
    ['/tile/entries/x', 400, 'invalid_parameter'],
    ['/nothing', 404, 'not_found'],
  ])('%s: %i %s', async (path, status, code) => {
    const response = await test.app.request(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, status });
  });

  it.each([
    ['PUT', '/api/v1/entries', 'GET, HEAD, POST'],
    ['POST', '/checkpoint', 'GET, HEAD'],
    ['PUT', '/api/v1/entries/0', 'GET, HEAD'],
    ['GET', '/api/v1/entries/batch', 'POST'],
    ['DELETE', '/tile/0/000', 'GET, HEAD'],
  ])('%s %s: 405 with what is allowed', async (method, path, allow) => {
    const response = await test.app.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toMatchObject({ code: 'method_not_allowed' });
  });

  it('liveness without asking anything, and readiness that says what is wrong', async () => {
    const sick = createApp({
      log: test.log,
      apiKeys: new ApiKeys({} as never),
      health: { database: async () => 'it is gone', clock: async () => undefined },
      logger: silent,
    });
    expect((await sick.request('/livez')).status).toBe(200);
    const ready = await sick.request('/readyz?verbose');
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('failed database: it is gone');
  });

  it('signs heads that extend one another', async () => {
    const first = await test.log.head();
    await test.post({ kind: 'approval', content: approve().envelope });
    const second = await test.log.head();
    const entries = await test.log.entries(0, second.size);
    const memory = new MemoryTree();
    for (const entry of entries) memory.append(leafHash(entry));
    const proof = await proveConsistency(first.size, second.size, memory);
    expect(
      checkConsistency({ from: first.size, to: second.size, fromRoot: first.root, toRoot: second.root, proof }).ok,
    ).toBe(true);
    const inclusion = await proveInclusion(0, second.size, memory);
    expect(
      checkInclusion({
        index: 0,
        size: second.size,
        leafHash: leafHash(entries[0]!),
        proof: inclusion,
        root: second.root,
      }).ok,
    ).toBe(true);
  });
});
