import { createApproval, createAuthenticator, createServiceKey } from '@assent/test-support';
import { canonicalJson, parseReceipt, parseTlogProof, utf8Encode, verifyReceipt } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKeyText } from '../src/api-key-text.ts';
import { approve, createTestApp, type TestApp } from './support/test-app.ts';
import { ORIGIN } from './support/test-log.ts';

describe('POST /api/v1/entries', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await createTestApp();
  });
  afterAll(() => test.remove());

  it('appends a passkey approval and answers with a receipt that verifies', async () => {
    const approval = approve();
    const response = await test.post({ kind: 'approval', content: approval.envelope });
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/vnd.assent.receipt+json');
    const receipt = await response.text();
    const report = await verifyReceipt(receipt, { logKeys: [test.log.vkey], intent: approval.intent });
    expect(report.verdict, report.summary).toBe('authentic');
    const parsed = parseReceipt(receipt);
    const proof = parsed.ok ? parseTlogProof(parsed.value.proof) : parsed;
    expect(response.headers.get('location')).toBe(`/api/v1/entries/${proof.ok && proof.value.index}`);
  });

  it('reveals the intent when asked to', async () => {
    const approval = approve();
    const response = await test.post({
      kind: 'approval',
      visibility: 'revealed',
      content: approval.envelope,
      intent: approval.intent,
    });
    expect(response.status).toBe(201);
    const report = await verifyReceipt(await response.text(), { logKeys: [test.log.vkey] });
    expect(report.approval?.intent?.args).toEqual(approval.intent.args);
  });

  it('answers the same append again with the same entry, and stores it once', async () => {
    const body = { kind: 'approval', content: approve().envelope };
    const responses = await Promise.all(Array.from({ length: 8 }, () => test.post(body)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(responses.map(({ headers }) => headers.get('location'))).size).toBe(1);
    const before = await test.size();
    const again = await test.post(body);
    expect(again.status).toBe(200);
    expect((await verifyReceipt(await again.text(), { logKeys: [test.log.vkey] })).verdict).toBe('authentic');
    expect(await test.size()).toBe(before);
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
      ['no API key', 401, 'unauthenticated', () => test.post({}, { authorization: '' })],
      [
        'an unknown API key',
        401,
        'unauthenticated',
        () => test.post({}, { authorization: `Bearer ${createApiKeyText()}` }),
      ],
      ['another media type', 415, 'unsupported_media_type', () => test.post('{}', { 'content-type': 'text/plain' })],
      ['a compressed body', 415, 'unsupported_media_type', () => test.post('{}', { 'content-encoding': 'gzip' })],
      ['a body that says it is too large', 413, 'too_large', () => test.post('{}', { 'content-length': '262145' })],
      ['a body that is too large', 413, 'too_large', () => test.post(JSON.stringify({ pad: 'x'.repeat(300_000) }))],
      ['what is not JSON', 400, 'invalid_json', () => test.post('{"kind":')],
      ['a duplicate member', 400, 'invalid_json', () => test.post('{"kind":"approval","kind":"approval"}')],
      ['a number that would be rounded', 400, 'invalid_json', () => test.post('{"kind":9007199254740993}')],
      ['a lone surrogate', 400, 'invalid_json', () => test.post('{"kind":"\\ud800"}')],
      ['deep nesting', 400, 'invalid_json', () => test.post(deep)],
      ['bytes that are not UTF-8', 400, 'invalid_json', () => test.post(new Uint8Array([0x22, 0xff, 0x22]))],
      ['an array', 400, 'invalid_request', () => test.post([])],
      ['an unknown member', 400, 'invalid_request', () => test.post({ kind: 'approval', content: {}, extra: 1 })],
      ['no content', 400, 'invalid_request', () => test.post({ kind: 'approval' })],
      ['a kind that is not taken', 400, 'invalid_request', () => test.post({ kind: 'consumption', content: {} })],
      [
        'an intent that would not be stored',
        400,
        'invalid_request',
        () => test.post({ kind: 'approval', content: approve().envelope, intent: {} }),
      ],
      [
        'an unknown wait',
        400,
        'invalid_parameter',
        async () =>
          test.app.request('/api/v1/entries?wait=never', {
            method: 'POST',
            headers: { authorization: `Bearer ${test.key}` },
          }),
      ],
      ['content that is no envelope', 422, 'content_refused', () => test.post({ kind: 'approval', content: { a: 1 } })],
      [
        'a payload type of ours that this version does not know',
        422,
        'payload_type_refused',
        () =>
          test.post({
            kind: 'approval',
            content: createApproval({
              origin: ORIGIN,
              serviceKey: createServiceKey(),
              payloadType: 'application/vnd.assent.approval.v9+json',
            }).envelope,
          }),
      ],
      [
        'a statement for another log',
        422,
        'content_refused',
        () =>
          test.post({
            kind: 'approval',
            content: createApproval({ origin: 'other.log', serviceKey: createServiceKey() }).envelope,
          }),
      ],
      [
        'a signature that does not verify',
        422,
        'content_refused',
        () =>
          test.post(
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
          test.post(
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
          test.post({
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
        () =>
          test.post({
            kind: 'approval',
            visibility: 'revealed',
            content: approve().envelope,
            intent: approve().intent,
          }),
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
          return test.post({
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
        () =>
          test.post(
            { kind: 'approval', content: approve().envelope },
            { authorization: `Bearer ${test.strangersKey}` },
          ),
      ],
    ];

    it.each(cases)('%s: %i %s', async (_, status, code, request) => {
      const before = await test.size();
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
      expect(await test.size()).toBe(before);
    });

    it('the same (service, id) with another statement, and the same statement with another signature: 409', async () => {
      const authenticator = createAuthenticator();
      const first = createApproval({ origin: ORIGIN, authenticator, overrides: { id: 'req_conflict' } });
      const stored = await test.post({ kind: 'approval', content: first.envelope });
      const index = Number(stored.headers.get('location')?.split('/').at(-1));
      const before = await test.size();
      const other = createApproval({ origin: ORIGIN, authenticator, overrides: { id: 'req_conflict' } });
      const resigned = createApproval({ origin: ORIGIN, authenticator, payload: first.payload });
      const revealed = { kind: 'approval', visibility: 'revealed', content: first.envelope, intent: first.intent };
      for (const body of [
        { kind: 'approval', content: other.envelope },
        { kind: 'approval', content: resigned.envelope },
        revealed,
      ]) {
        const response = await test.post(body);
        expect(response.status).toBe(409);
        expect(await response.json()).toMatchObject({ code: 'identity_conflict', index });
      }
      expect(await test.size()).toBe(before);
    });

    it('names the checks that failed', async () => {
      const response = await test.post(
        broken((envelope) => {
          envelope.signatures[0]!.sig = flip(envelope.signatures[0]!.sig);
        }),
      );
      expect(await response.json()).toMatchObject({
        checks: [{ id: 'signatures', status: 'fail', code: 'signature_invalid' }],
      });
    });
  });
});
