import { createApproval, createServiceKey, type TestApproval } from '@assent/test-support';
import { parseReceipt, parseTlogProof, verifyReceipt } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approve, createTestApp, type TestApp } from './support/test-app.ts';
import { ORIGIN } from './support/test-log.ts';

type Result = {
  status: number;
  index?: number;
  receipt?: { entry: string; proof: string };
  state?: string;
  location?: string;
  problem?: { code: string; status: number; detail: string; index?: number };
};

const serviceKey = createServiceKey();
const make = (overrides = {}): TestApproval => createApproval({ origin: ORIGIN, serviceKey, overrides });
const submission = (approval = make()): object => ({ kind: 'approval', content: approval.envelope });
const resultsOf = async (response: Response): Promise<Result[]> => {
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  return ((await response.json()) as { results: Result[] }).results;
};
const codeOf = async (response: Response): Promise<object> => ({
  status: response.status,
  code: ((await response.json()) as { code: string }).code,
});

/** The statement's signature with one bit flipped. */
function spoiled(): object {
  const envelope = structuredClone(make().envelope) as unknown as { signatures: { sig: string }[] };
  const bytes = Buffer.from(envelope.signatures[0]!.sig, 'base64');
  bytes[0]! ^= 1;
  envelope.signatures[0]!.sig = bytes.toString('base64');
  return { kind: 'approval', content: envelope };
}

describe('POST /api/v1/entries/batch', () => {
  let test: TestApp;
  let now = 0;
  beforeAll(async () => {
    test = await createTestApp({ keyClock: () => now });
  });
  afterAll(() => test.remove());

  const headCount = async (): Promise<number> =>
    Number((await test.database.pool.query('select count(*) from heads')).rows[0].count);

  it('takes 1,000, good, bad, repeated and in conflict, each as if it had been sent alone and in order', async () => {
    const size = await test.size();
    const heads = await headCount();
    const entries: object[] = [];
    const expected: { status: number; of?: number }[] = [];
    const add = (entry: object, status: number, of?: number): void => {
      entries.push(entry);
      expected.push(of === undefined ? { status } : { status, of });
    };
    for (let i = 0; i < 200; i++) {
      const approval = make();
      const first = entries.length;
      add(submission(approval), 201, first);
      add(spoiled(), 422);
      add(submission(), 201, first + 2);
      add(submission(approval), 200, first);
      add(submission(make({ id: approval.statement.id })), 409, first);
    }
    expect(entries).toHaveLength(1_000);
    const results = await resultsOf(await test.postBatch({ entries }));

    const indexes = new Map<number, number>();
    for (const [i, { status }] of expected.entries()) if (status === 201) indexes.set(i, size + indexes.size);
    expect(results.map(({ status, index }) => ({ status, index }))).toEqual(
      expected.map(({ status, of }) => ({ status, index: of === undefined ? undefined : indexes.get(of) })),
    );
    expect(await test.size()).toBe(size + 400);
    // Those that are new share a commit, and every receipt is against its head.
    expect(await headCount()).toBe(heads + 1);
    const proofs = results.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt.proof]));
    expect(proofs).toHaveLength(600);
    expect(new Set(proofs.map((proof) => proof.slice(proof.indexOf('\n\n')))).size).toBe(1);
    for (const { status, index, receipt, problem } of results) {
      expect(receipt !== undefined).toBe(status < 300);
      if (status === 422) expect(problem).toMatchObject({ code: 'content_refused', status: 422 });
      if (status === 409) expect(problem).toMatchObject({ code: 'identity_conflict', index });
    }
    for (const { receipt, index } of results.slice(0, 60)) {
      if (receipt === undefined) continue;
      const report = await verifyReceipt(JSON.stringify(receipt), { logKeys: [test.log.vkey] });
      expect(report.verdict, report.summary).toBe('authentic');
      const parsed = parseReceipt(JSON.stringify(receipt));
      expect(parsed.ok && parseTlogProof(parsed.value.proof)).toMatchObject({ value: { index } });
    }

    // Sent again as a whole, after a lost answer.
    const again = await resultsOf(await test.postBatch({ entries }));
    expect(again.map(({ status, index }) => ({ status, index }))).toEqual(
      results.map(({ status, index }) => ({ status: status === 201 ? 200 : status, index })),
    );
    expect(await test.size()).toBe(size + 400);
  });

  it('appends what the key may, and refuses the rest', async () => {
    const [mine, other] = [make(), make({ service: 'other.example.com' })];
    const entries = [submission(other), submission(mine), submission(other)];
    const results = await resultsOf(await test.postBatch({ entries }));
    expect(results.map(({ status, problem }) => [status, problem?.code])).toEqual([
      [403, 'forbidden'],
      [201, undefined],
      [403, 'forbidden'],
    ]);
    const authorization = `Bearer ${test.strangersKey}`;
    const theirs = await resultsOf(await test.postBatch({ entries }, { authorization }));
    expect(theirs.map(({ status }) => status)).toEqual([201, 403, 200]);
  });

  it('refuses one that is nested too deep, one that is huge and one that is no JSON, and appends their neighbours', async () => {
    const deep = `{"kind":"approval","content":${'['.repeat(200)}${']'.repeat(200)}}`;
    const huge = JSON.stringify({ kind: 'approval', content: { pad: 'x'.repeat(300_000) } });
    const good = (): string => JSON.stringify(submission());
    const pieces = [good(), deep, good(), huge, '{"kind":}', '{"kind":"approval","kind":"approval"}', '[]', good()];
    const results = await resultsOf(await test.postBatch(`{"entries":[${pieces.join(',')}]}`));
    expect(results.map(({ status, problem }) => [status, problem?.code])).toEqual([
      [201, undefined],
      [400, 'invalid_json'],
      [201, undefined],
      [413, 'too_large'],
      [400, 'invalid_json'],
      [400, 'invalid_json'],
      [400, 'invalid_request'],
      [201, undefined],
    ]);
  });

  it('answers at the commit with wait=none, and with receipts for what was there', async () => {
    const approval = make();
    const stored = await resultsOf(await test.postBatch({ entries: [submission(approval)] }));
    const entries = [submission(), submission(approval), spoiled()];
    const results = await resultsOf(await test.postBatch({ entries }, {}, '?wait=none'));
    const { index } = results[0]!;
    expect(results[0]).toEqual({ status: 202, index, state: 'stored', location: `/api/v1/receipts/${index}` });
    expect(results[1]).toMatchObject({ status: 200, index: stored[0]!.index, receipt: { type: 'assent/receipt/v1' } });
    expect(results[2]).toMatchObject({ status: 422 });
    const receipt = await test.app.request(results[0]!.location!);
    expect((await verifyReceipt(await receipt.text(), { logKeys: [test.log.vkey] })).verdict).toBe('authentic');
  });

  it('records the key for each entry, and counts each refusal', async () => {
    const refusals = async (): Promise<number> => {
      const text = await test.metrics.text();
      return Number(/assent_refusals_total\{[^}]*code="content_refused"[^}]*\} (\d+)/.exec(text)?.[1]);
    };
    const before = await refusals();
    const [first] = await resultsOf(await test.postBatch({ entries: [submission(), spoiled(), spoiled()] }));
    expect((await refusals()) - before).toBe(2);
    const { rows } = await test.database.pool.query('select api_key from records where idx = $1', [first!.index]);
    expect(rows[0].api_key).toBe(Buffer.from(test.key.slice(7, 15), 'hex').readInt32BE());
  });

  describe('refuses the whole, and stores nothing:', () => {
    const one = JSON.stringify(submission());
    type Case = [string, number, string, () => Promise<Response>];
    const cases: Case[] = [
      ['no API key', 401, 'unauthenticated', () => test.postBatch('', { authorization: '' })],
      ['another media type', 415, 'unsupported_media_type', () => test.postBatch(one, { 'content-type': 'text/csv' })],
      ['a compressed body', 415, 'unsupported_media_type', () => test.postBatch(one, { 'content-encoding': 'gzip' })],
      ['an unknown wait', 400, 'invalid_parameter', () => test.postBatch(one, {}, '?wait=never')],
      ['a bare array', 400, 'invalid_request', () => test.postBatch(`[${one}]`)],
      ['entries that are no list', 400, 'invalid_request', () => test.postBatch(`{"entries":${one}}`)],
      ['no entries', 400, 'invalid_request', () => test.postBatch({ entries: [] })],
      ['another member', 400, 'invalid_request', () => test.postBatch(`{"entries":[${one}],"wait":"none"}`)],
      ['1,001 entries', 400, 'invalid_request', () => test.postBatch({ entries: Array(1_001).fill(0) })],
      ['a trailing comma', 400, 'invalid_json', () => test.postBatch(`{"entries":[${one},]}`)],
      ['a body that ends too early', 400, 'invalid_json', () => test.postBatch(`{"entries":[${one}`)],
      ['an empty body', 400, 'invalid_json', () => test.postBatch('')],
      [
        'a body that says it is too large',
        413,
        'too_large',
        () => test.postBatch('{}', { 'content-length': String(16 * 1024 * 1024 + 1) }),
      ],
      [
        'a body that is too large',
        413,
        'too_large',
        () => test.postBatch(`{"entries":[${one},"${'x'.repeat(16 * 1024 * 1024)}"]}`),
      ],
    ];
    it.each(cases)('%s: %i %s', async (_, status, code, request) => {
      const before = await test.size();
      expect(await codeOf(await request())).toEqual({ status, code });
      expect(await test.size()).toBe(before);
    });
  });

  describe('a key with a rate', () => {
    it('takes one token for each record, and says when there are enough again', async () => {
      const key = await test.addKey({ rate: { perSecond: 2, burst: 5 } });
      const headers = { authorization: `Bearer ${key}` };
      const batch = (count: number): object => ({ entries: Array.from({ length: count }, () => submission()) });
      expect((await test.postBatch(batch(4), headers)).status).toBe(200);
      expect((await test.post(submission(), headers)).status).toBe(201);
      const size = await test.size();
      const refused = await test.post(submission(), headers);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await codeOf(refused)).toEqual({ status: 429, code: 'rate_limited' });
      now += 1_000;
      const three = await test.postBatch(batch(3), headers);
      expect(three.headers.get('retry-after')).toBe('1');
      expect(await codeOf(three)).toEqual({ status: 429, code: 'rate_limited' });
      expect(await test.size()).toBe(size);
      now += 1_000;
      expect((await test.postBatch(batch(3), headers)).status).toBe(200);
      // Other keys have their own, or none.
      expect((await test.post(submission())).status).toBe(201);
    });

    it('is told how large a batch may be, where one is larger than its burst and waiting would not help', async () => {
      const key = await test.addKey({ rate: { perSecond: 2, burst: 5 } });
      const headers = { authorization: `Bearer ${key}` };
      const entries = Array.from({ length: 6 }, () => submission());
      const size = await test.size();
      const response = await test.postBatch({ entries }, headers);
      expect([response.status, response.headers.get('retry-after')]).toEqual([413, null]);
      const { code, detail } = (await response.json()) as { code: string; detail: string };
      expect(code).toBe('too_large');
      expect(detail).toContain('a batch of 6 never fits. Send 5 or fewer. Nothing was stored.');
      expect(await test.size()).toBe(size);
      expect((await test.postBatch({ entries: entries.slice(0, 5) }, headers)).status).toBe(200);
    });

    it('pays for bodies that are no batch, and is refused before one is read when nothing is left', async () => {
      const key = await test.addKey({ rate: { perSecond: 1, burst: 2 } });
      const headers = { authorization: `Bearer ${key}` };
      for (let i = 0; i < 2; i++) expect((await test.postBatch('{"entries":[,]}', headers)).status).toBe(400);
      const unread = new ReadableStream({
        pull: () => {
          throw new Error('the body was read');
        },
      });
      const response = await test.app.request('/api/v1/entries/batch', {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: unread,
        duplex: 'half',
      } as RequestInit);
      expect(await codeOf(response)).toEqual({ status: 429, code: 'rate_limited' });
    });
  });
});

describe('a batch for a log that cannot append', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await createTestApp();
  });
  afterAll(() => test.remove());

  it('is refused as a whole while the log is read-only, and while it shuts down', async () => {
    const entries = [submission(), spoiled(), submission()];
    const before = await test.size();
    await test.parts.sequencer.close();
    const closing = await test.postBatch({ entries });
    expect(Number(closing.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await codeOf(closing)).toEqual({ status: 503, code: 'shutting_down' });
    expect(await codeOf(await test.post({ kind: 'approval', content: approve().envelope }))).toEqual({
      status: 503,
      code: 'shutting_down',
    });
    expect(await test.size()).toBe(before);
    test.parts.publisher.stop('stopped by a test');
    const stopped = await test.postBatch({ entries });
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await codeOf(stopped)).toEqual({ status: 503, code: 'read_only' });
  });
});
