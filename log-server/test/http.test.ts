import { createApproval, createAuthenticator, createServiceKey, type TestApproval } from '@assent/test-support';
import {
  canonicalJson,
  checkConsistency,
  checkInclusion,
  formatTilePath,
  leafHash,
  MemoryTree,
  parseBundle,
  parseCheckpoint,
  parseNote,
  parseReceipt,
  parseTlogProof,
  proveConsistency,
  proveInclusion,
  utf8Encode,
  verifyReceipt,
} from '@assent/verifier';
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKeyText, parseApiKeyText } from '../src/api-key-text.ts';
import { ApiKeys } from '../src/api-keys.ts';
import { createApp } from '../src/http/app.ts';
import type { OpenLog } from '../src/open-parts.ts';
import { insertApiKey } from '../src/store/api-keys.ts';
import { createLogHome, ORIGIN, silent, type TestLogHome } from './support/test-log.ts';

const SERVICE = 'approvals.example.com';

describe('the HTTP interface', () => {
  let home: TestLogHome;
  let opened: OpenLog;
  let app: Hono;
  let key: string;
  let strangersKey: string;

  beforeAll(async () => {
    home = await createLogHome();
    const log = await home.open();
    opened = log;
    const addKey = async (services: string[]): Promise<string> => {
      const text = createApiKeyText();
      const made = parseApiKeyText(text)!;
      await insertApiKey(log.database, { ...made, name: 'test', services, createdAt: Date.now() });
      return text;
    };
    key = await addKey([SERVICE]);
    strangersKey = await addKey(['other.example.com']);
    app = createApp({ log: log.log, apiKeys: new ApiKeys(log.database), health: {}, logger: silent });
  });
  afterAll(() => home.remove());

  const approve = (overrides = {}): TestApproval =>
    createApproval({ origin: ORIGIN, authenticator: createAuthenticator(), overrides });
  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    Promise.resolve(
      app.request('/api/v1/entries', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      }),
    );
  const size = async (): Promise<number> => (await opened.log.head()).size;

  it('appends a passkey approval and answers with a receipt that verifies', async () => {
    const approval = approve();
    const response = await post({ kind: 'approval', content: approval.envelope });
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/vnd.assent.receipt+json');
    const receipt = await response.text();
    const report = await verifyReceipt(receipt, { logKeys: [opened.log.vkey], intent: approval.intent });
    expect(report.verdict, report.summary).toBe('authentic');
    const parsed = parseReceipt(receipt);
    const proof = parsed.ok ? parseTlogProof(parsed.value.proof) : parsed;
    expect(response.headers.get('location')).toBe(`/api/v1/entries/${proof.ok && proof.value.index}`);
  });

  it('reveals the intent when asked to', async () => {
    const approval = approve();
    const response = await post({
      kind: 'approval',
      visibility: 'revealed',
      content: approval.envelope,
      intent: approval.intent,
    });
    expect(response.status).toBe(201);
    const report = await verifyReceipt(await response.text(), { logKeys: [opened.log.vkey] });
    expect(report.approval?.intent?.args).toEqual(approval.intent.args);
  });

  it('answers the same append again with the same entry, and stores it once', async () => {
    const body = { kind: 'approval', content: approve().envelope };
    const responses = await Promise.all(Array.from({ length: 8 }, () => post(body)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(responses.map(({ headers }) => headers.get('location'))).size).toBe(1);
    const before = await size();
    const again = await post(body);
    expect(again.status).toBe(200);
    expect((await verifyReceipt(await again.text(), { logKeys: [opened.log.vkey] })).verdict).toBe('authentic');
    expect(await size()).toBe(before);
  });

  describe('refuses, and stores nothing:', () => {
    const deep = `${'['.repeat(200)}${']'.repeat(200)}`;
    type Case = [string, number, string, () => Promise<Response>];
    const broken = (change: (envelope: { signatures: { sig: string }[]; payload: string }) => void): unknown => {
      const envelope = structuredClone(approve().envelope) as unknown as {
        signatures: { sig: string }[];
        payload: string;
      };
      change(envelope);
      return { kind: 'approval', content: envelope };
    };
    const flip = (base64: string): string => {
      const bytes = Buffer.from(base64, 'base64');
      bytes[bytes.length - 1]! ^= 1;
      return bytes.toString('base64');
    };
    const cases: Case[] = [
      ['no API key', 401, 'unauthenticated', () => post({}, { authorization: '' })],
      ['an unknown API key', 401, 'unauthenticated', () => post({}, { authorization: `Bearer ${createApiKeyText()}` })],
      ['another media type', 415, 'unsupported_media_type', () => post('{}', { 'content-type': 'text/plain' })],
      ['a compressed body', 415, 'unsupported_media_type', () => post('{}', { 'content-encoding': 'gzip' })],
      ['a body that says it is too large', 413, 'too_large', () => post('{}', { 'content-length': '262145' })],
      ['a body that is too large', 413, 'too_large', () => post(JSON.stringify({ pad: 'x'.repeat(300_000) }))],
      ['what is not JSON', 400, 'invalid_json', () => post('{"kind":')],
      ['a duplicate member', 400, 'invalid_json', () => post('{"kind":"approval","kind":"approval"}')],
      ['a number that would be rounded', 400, 'invalid_json', () => post('{"kind":9007199254740993}')],
      ['a lone surrogate', 400, 'invalid_json', () => post('{"kind":"\\ud800"}')],
      ['deep nesting', 400, 'invalid_json', () => post(deep)],
      ['bytes that are not UTF-8', 400, 'invalid_json', () => post(new Uint8Array([0x22, 0xff, 0x22]))],
      ['an array', 400, 'invalid_request', () => post([])],
      ['an unknown member', 400, 'invalid_request', () => post({ kind: 'approval', content: {}, extra: 1 })],
      ['no content', 400, 'invalid_request', () => post({ kind: 'approval' })],
      ['a kind that is not taken', 400, 'invalid_request', () => post({ kind: 'consumption', content: {} })],
      ['sealing', 400, 'invalid_request', () => post({ kind: 'approval', sealed: `sha256:${'0'.repeat(64)}` })],
      [
        'an intent that would not be stored',
        400,
        'invalid_request',
        () => post({ kind: 'approval', content: approve().envelope, intent: {} }),
      ],
      [
        'an unknown wait',
        400,
        'invalid_parameter',
        async () =>
          app.request('/api/v1/entries?wait=never', { method: 'POST', headers: { authorization: `Bearer ${key}` } }),
      ],
      ['content that is no envelope', 422, 'content_refused', () => post({ kind: 'approval', content: { a: 1 } })],
      [
        'a foreign payload type',
        422,
        'payload_type_refused',
        () =>
          post({
            kind: 'approval',
            content: createApproval({
              origin: ORIGIN,
              serviceKey: createServiceKey(),
              payloadType: 'application/vnd.in-toto+json',
            }).envelope,
          }),
      ],
      [
        'a statement for another log',
        422,
        'content_refused',
        () =>
          post({
            kind: 'approval',
            content: createApproval({ origin: 'other.log', serviceKey: createServiceKey() }).envelope,
          }),
      ],
      [
        'a signature that does not verify',
        422,
        'content_refused',
        () =>
          post(
            broken((envelope) => {
              envelope.signatures[0]!.sig = flip(envelope.signatures[0]!.sig);
            }),
          ),
      ],
      [
        'a changed payload',
        422,
        'content_refused',
        () =>
          post(
            broken((envelope) => {
              envelope.payload = Buffer.from(
                Buffer.from(envelope.payload, 'base64').toString().replace('approved', 'rejected'),
              ).toString('base64');
            }),
          ),
      ],
      [
        'a payload that is not canonical',
        422,
        'content_refused',
        () =>
          post({
            kind: 'approval',
            content: createApproval({
              origin: ORIGIN,
              serviceKey: createServiceKey(),
              payload: utf8Encode(`${canonicalJson({ type: 'assent/approval/v1' })} `),
            }).envelope,
          }),
      ],
      [
        'an intent that does not match',
        422,
        'content_refused',
        () => post({ kind: 'approval', visibility: 'revealed', content: approve().envelope, intent: approve().intent }),
      ],
      [
        'an entry that would be too large',
        422,
        'entry_too_large',
        async () => {
          const approval = createApproval({
            origin: ORIGIN,
            serviceKey: createServiceKey(),
            intent: { args: { text: 'x'.repeat(65_000) } },
          });
          return post({
            kind: 'approval',
            visibility: 'revealed',
            content: approval.envelope,
            intent: approval.intent,
          });
        },
      ],
      [
        "another service's statement",
        403,
        'forbidden',
        () => post({ kind: 'approval', content: approve().envelope }, { authorization: `Bearer ${strangersKey}` }),
      ],
    ];

    it.each(cases)('%s: %i %s', async (_, status, code, request) => {
      const before = await size();
      const response = await request();
      const body = (await response.json()) as {
        code: string;
        status: number;
        detail: string;
        title: string;
        type: string;
      };
      expect({ status: response.status, code: body.code }).toEqual({ status, code });
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(body.detail.length).toBeGreaterThan(10);
      if (status === 401) expect(response.headers.get('www-authenticate')).toContain('Bearer');
      expect(await size()).toBe(before);
    });

    it('the same (service, id) with another statement, and the same statement with another signature: 409', async () => {
      const authenticator = createAuthenticator();
      const first = createApproval({ origin: ORIGIN, authenticator, overrides: { id: 'req_conflict' } });
      const stored = await post({ kind: 'approval', content: first.envelope });
      const index = Number(stored.headers.get('location')?.split('/').at(-1));
      const before = await size();
      const other = createApproval({ origin: ORIGIN, authenticator, overrides: { id: 'req_conflict' } });
      const resigned = createApproval({ origin: ORIGIN, authenticator, payload: first.payload });
      const revealed = { kind: 'approval', visibility: 'revealed', content: first.envelope, intent: first.intent };
      for (const body of [
        { kind: 'approval', content: other.envelope },
        { kind: 'approval', content: resigned.envelope },
        revealed,
      ]) {
        const response = await post(body);
        expect(response.status).toBe(409);
        expect(await response.json()).toMatchObject({ code: 'identity_conflict', index });
      }
      expect(await size()).toBe(before);
    });

    it('names the checks that failed', async () => {
      const response = await post(
        broken((envelope) => {
          envelope.signatures[0]!.sig = flip(envelope.signatures[0]!.sig);
        }),
      );
      expect(await response.json()).toMatchObject({
        checks: [{ id: 'signatures', status: 'fail', code: 'signature_invalid' }],
      });
    });
  });

  describe('serves', () => {
    it('the log, its checkpoint, and entries as they were stored', async () => {
      const info = (await (await app.request('/api/v1/log')).json()) as {
        origin: string;
        vkeys: string[];
        size: number;
      };
      expect(info).toMatchObject({ origin: ORIGIN, vkeys: [opened.log.vkey] });
      const checkpoint = await app.request('/checkpoint');
      expect(checkpoint.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      const note = parseNote(await checkpoint.text());
      const head = note.ok ? parseCheckpoint(note.value.text) : note;
      expect(head).toMatchObject({ ok: true, value: { origin: ORIGIN, size: info.size } });
      const entry = await app.request('/api/v1/entries/0', { headers: { accept: 'application/octet-stream' } });
      expect(entry.headers.get('content-type')).toBe('application/octet-stream');
      expect(new Uint8Array(await entry.arrayBuffer())).toEqual(
        utf8Encode(await (await app.request('/api/v1/entries/0')).text()),
      );
    });

    it('a receipt by index, by leaf hash, by statement digest and by service/id', async () => {
      const approval = approve();
      const response = await post({ kind: 'approval', content: approval.envelope });
      const index = Number(response.headers.get('location')?.split('/').at(-1));
      const entry = new Uint8Array(await (await app.request(`/api/v1/entries/${index}`)).arrayBuffer());
      const leaf = `sha256:${Buffer.from(leafHash(entry)).toString('hex')}`;
      for (const query of [index, leaf, approval.digest, `${SERVICE}/${approval.statement.id}`]) {
        const receipt = await app.request(`/api/v1/receipts/${query}`);
        expect(receipt.status, `${query}`).toBe(200);
        const report = await verifyReceipt(await receipt.text(), { logKeys: [opened.log.vkey] });
        expect(report, `${query}`).toMatchObject({ verdict: 'authentic', log: { index } });
      }
    });

    it('tiles and bundles from which the tree can be recomputed', async () => {
      const total = await size();
      const tile = await app.request(`/${formatTilePath({ level: 0, index: 0, width: total })}`);
      expect(tile.headers.get('cache-control')).toContain('immutable');
      const bundle = await app.request(`/tile/entries/000.p/${total}`);
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
      const response = await app.request(path);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ code, status });
    });

    it.each([
      ['GET', '/api/v1/entries', 'POST'],
      ['POST', '/checkpoint', 'GET, HEAD'],
      ['PUT', '/api/v1/entries/0', 'GET, HEAD'],
      ['DELETE', '/tile/0/000', 'GET, HEAD'],
    ])('%s %s: 405 with what is allowed', async (method, path, allow) => {
      const response = await app.request(path, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe(allow);
      expect(await response.json()).toMatchObject({ code: 'method_not_allowed' });
    });

    it('liveness without asking anything, and readiness that says what is wrong', async () => {
      const sick = createApp({
        log: opened.log,
        apiKeys: new ApiKeys({} as never),
        health: { database: async () => 'it is gone', clock: async () => undefined },
        logger: silent,
      });
      expect((await sick.request('/livez')).status).toBe(200);
      const ready = await sick.request('/readyz?verbose');
      expect(ready.status).toBe(503);
      expect(await ready.text()).toContain('failed database: it is gone');
    });
  });

  it('signs heads that extend one another', async () => {
    const first = await opened.log.head();
    await post({ kind: 'approval', content: approve().envelope });
    const second = await opened.log.head();
    const entries = await opened.log.entries(0, second.size);
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
