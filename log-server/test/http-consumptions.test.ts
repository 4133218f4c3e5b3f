import {
  type ConsumptionOptions,
  createApproval,
  createConsumption,
  createServiceKey,
  type TestApproval,
} from '@assent/test-support';
import {
  base64Encode,
  canonicalJson,
  createSalt,
  parseReceipt,
  type Statement,
  statementDigest,
  verifyReceipt,
} from '@assent/verifier';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestApp, SERVICE, type TestApp } from './support/test-app.ts';
import { ORIGIN } from './support/test-log.ts';

const serviceKey = createServiceKey();
const boundary = createServiceKey();
const otherBoundary = createServiceKey();
const boundaries = [boundary.publicKey.keyid, otherBoundary.publicKey.keyid].sort();

const approve = (overrides: Partial<Statement> = {}): TestApproval =>
  createApproval({ origin: ORIGIN, serviceKey, overrides: { boundaries, ...overrides } });
const consumptionOf = (approval: TestApproval, options: Partial<ConsumptionOptions> = {}) => ({
  content: createConsumption({ approval, key: boundary, ...options }).envelope,
});
const by = (key: string) => ({ authorization: `Bearer ${key}` });

type Problem = { readonly code: string; readonly index?: number; readonly receipt?: object };
async function problemOf(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as Problem).code];
}
const indexOf = (response: Response): number => Number(response.headers.get('location')?.split('/').at(-1));

describe('POST /api/v1/consumptions', () => {
  let test: TestApp;
  /** What the log believes the time to be. */
  let now = Date.now;
  beforeAll(async () => {
    test = await createTestApp({ now: () => now() });
  });
  afterAll(() => test.remove());

  async function logged(overrides: Partial<Statement> = {}): Promise<TestApproval> {
    const approval = approve(overrides);
    expect((await test.post({ kind: 'approval', content: approval.envelope })).status).toBe(201);
    return approval;
  }

  it('logs the consumption of an approval, and answers with a receipt that verifies', async () => {
    const approval = await logged();
    const body = consumptionOf(approval);
    const response = await test.consume(body);
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/vnd.assent.receipt+json');
    const receipt = await response.text();
    const report = await verifyReceipt(receipt, { logKeys: [test.log.vkey] });
    expect(report).toMatchObject({
      verdict: 'authentic',
      consumption: { approval: approval.digest, intent: approval.statement.intent.digest, boundary: 'payments-gw-3' },
      log: { index: indexOf(response) },
    });
    const parsed = parseReceipt(receipt);
    expect(parsed.ok && parsed.value.consumption).toBeUndefined();
    expect(parsed.ok && JSON.parse(parsed.value.entry)).toMatchObject({ kind: 'consumption', content: body.content });
  });

  it('answers the same envelope again with that entry, and stores it once', async () => {
    const body = consumptionOf(await logged());
    const first = await test.consume(body);
    const size = await test.size();
    for (const wait of ['', '?wait=none', '?wait=signed', '?wait=witnessed']) {
      const again = await test.consume({ kind: 'consumption', ...body }, {}, wait);
      expect([again.status, indexOf(again)]).toEqual([200, indexOf(first)]);
      expect((await verifyReceipt(await again.text(), { logKeys: [test.log.vkey] })).verdict).toBe('authentic');
    }
    expect(await test.size()).toBe(size);
  });

  it('refuses any other for ever, with the receipt of the first', async () => {
    const approval = await logged();
    const body = consumptionOf(approval);
    const first = await test.consume(body);
    for (const other of [consumptionOf(approval), consumptionOf(approval, { key: otherBoundary })]) {
      const refused = await test.consume(other);
      expect(refused.status).toBe(409);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      const problem = (await refused.json()) as Problem;
      expect([problem.code, problem.index]).toEqual(['already_consumed', indexOf(first)]);
      const receipt = JSON.stringify(problem.receipt);
      expect((await verifyReceipt(receipt, { logKeys: [test.log.vkey] })).verdict).toBe('authentic');
      const parsed = parseReceipt(receipt);
      const entry = parsed.ok && (JSON.parse(parsed.value.entry) as { content: object });
      expect(entry && canonicalJson(entry.content as never)).toBe(canonicalJson(body.content));
    }
  });

  it('takes the same payload with another signature for another consumption', async () => {
    const key = createServiceKey('es256');
    const approval = await logged({ boundaries: [key.publicKey.keyid] });
    const { payload, envelope } = createConsumption({ approval, key });
    expect((await test.consume({ content: envelope })).status).toBe(201);
    const again = createConsumption({ approval, key, payload }).envelope;
    expect(canonicalJson(again)).not.toBe(canonicalJson(envelope));
    expect(await problemOf(await test.consume({ content: again }))).toEqual([409, 'already_consumed']);
  });

  it('consumes a sealed approval that the log has checked, open only to its boundaries', async () => {
    const approval = approve({ boundaries: [boundary.publicKey.keyid] });
    const salt = base64Encode(createSalt());
    const sealed = { kind: 'approval', visibility: 'sealed', content: approval.envelope, salt };
    expect((await test.post(sealed)).status).toBe(201);
    const stranger = consumptionOf(approval, { key: otherBoundary });
    expect(await problemOf(await test.consume(stranger))).toEqual([422, 'approval_unknown']);
    const wrong = consumptionOf(approval, { overrides: { intent: `sha256:${'1'.repeat(64)}` } });
    expect(await problemOf(await test.consume(wrong))).toEqual([422, 'consumption_mismatch']);
    expect((await test.consume(consumptionOf(approval))).status).toBe(201);
    expect(await problemOf(await test.consume(consumptionOf(approval)))).toEqual([409, 'already_consumed']);
  });

  it('knows nothing of what was sealed blind', async () => {
    const blindKey = await test.addKey({ blind: true });
    const sealed = `sha256:${'ab'.repeat(32)}`;
    expect((await test.post({ kind: 'approval', sealed }, by(blindKey))).status).toBe(201);
    for (const approval of [sealed, `sha256:${'cd'.repeat(32)}`]) {
      const body = consumptionOf(approve(), { overrides: { approval } });
      expect(await problemOf(await test.consume(body))).toEqual([422, 'approval_unknown']);
    }
  });

  it('can be waited for as an append can', async () => {
    const response = await test.consume(consumptionOf(await logged()), {}, '?wait=none');
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ state: 'stored' });
    expect((await test.consume(consumptionOf(await logged()), {}, '?wait=witnessed')).status).toBe(201);
  });

  describe('refuses, and stores nothing:', () => {
    type Sent = { readonly body: unknown; readonly headers?: Record<string, string> };
    type Case = [string, [number, string], () => Sent | Promise<Sent>];
    const of = async (overrides: Partial<Statement>, options: Partial<ConsumptionOptions> = {}): Promise<Sent> => ({
      body: consumptionOf(await logged(overrides), options),
    });
    it.each<Case>([
      ['a rejected approval', [422, 'not_consumable'], () => of({ decision: 'rejected' })],
      ['one that may be used again', [422, 'not_consumable'], () => of({ use: 'multiple' })],
      [
        'one without boundaries',
        [422, 'not_consumable'],
        async () => {
          const approval = createApproval({ origin: ORIGIN, serviceKey });
          await test.post({ kind: 'approval', content: approval.envelope });
          return { body: consumptionOf(approval) };
        },
      ],
      ['another boundary', [422, 'consumption_mismatch'], () => of({}, { key: createServiceKey() })],
      [
        'another action',
        [422, 'consumption_mismatch'],
        () => of({}, { overrides: { intent: `sha256:${'1'.repeat(64)}` } }),
      ],
      ['an approval that is not there', [422, 'approval_unknown'], () => ({ body: consumptionOf(approve()) })],
      [
        'the consumption of a consumption',
        [422, 'approval_unknown'],
        async () => {
          const approval = await logged();
          const { payload, envelope } = createConsumption({ approval, key: boundary });
          await test.consume({ content: envelope });
          return { body: consumptionOf(approval, { overrides: { approval: statementDigest(payload) } }) };
        },
      ],
      [
        'a signature of another payload',
        [422, 'content_refused'],
        async () => {
          const approval = await logged();
          const [one, other] = [consumptionOf(approval), consumptionOf(approval)];
          return { body: { content: { ...one.content, payload: other.content.payload } } };
        },
      ],
      ['two signatures', [422, 'content_refused'], () => of({}, { key: [boundary, otherBoundary] })],
      ['an approval', [422, 'content_refused'], () => ({ body: { content: approve().envelope } })],
      [
        'a key without the right',
        [403, 'forbidden'],
        async () => ({ ...(await of({})), headers: by(test.strangersKey) }),
      ],
      [
        'a key with the right for another boundary',
        [403, 'forbidden'],
        async () => {
          const key = await test.addKey({ boundaries: [otherBoundary.publicKey.keyid] });
          return { ...(await of({})), headers: by(key) };
        },
      ],
      ['no key', [401, 'unauthenticated'], async () => ({ ...(await of({})), headers: { authorization: '' } })],
      ['more than is read', [413, 'too_large'], () => ({ body: 'x'.repeat(262_145) })],
      [
        'an unknown member',
        [400, 'invalid_request'],
        async () => ({ body: { ...consumptionOf(await logged()), visibility: 'open' } }),
      ],
      [
        'another kind',
        [400, 'invalid_request'],
        async () => ({ body: { ...consumptionOf(await logged()), kind: 'approval' } }),
      ],
    ])('%s', async (_, expected, prepare) => {
      const { body, headers } = await prepare();
      const size = await test.size();
      expect(await problemOf(await test.consume(body, headers))).toEqual(expected);
      expect(await test.size()).toBe(size);
    });

    it('a consumption among other entries', async () => {
      const consumption = consumptionOf(await logged());
      const size = await test.size();
      const sent = { kind: 'consumption', ...consumption };
      expect(await problemOf(await test.post(sent))).toEqual([400, 'invalid_request']);
      expect(await problemOf(await test.post({ ...sent, kind: 'approval' }))).toEqual([422, 'content_refused']);
      const response = await test.postBatch({ entries: [sent] });
      expect(await response.json()).toMatchObject({ results: [{ status: 400, problem: { code: 'invalid_request' } }] });
      expect(await test.size()).toBe(size);
    });
  });

  it('judges the expiry by its own clock, and a retry whatever that says', async () => {
    const start = Date.now();
    const [early, late] = [await logged(), await logged()];
    const body = consumptionOf(early);
    const first = await test.consume(body);
    expect(first.status).toBe(201);
    const expiry = Date.parse(late.statement.expires_at);
    try {
      now = () => expiry;
      expect(await problemOf(await test.consume(consumptionOf(late)))).toEqual([422, 'approval_expired']);
      const again = await test.consume(body);
      expect([again.status, indexOf(again)]).toEqual([200, indexOf(first)]);
      expect(await problemOf(await test.consume(consumptionOf(early)))).toEqual([409, 'already_consumed']);
      now = () => expiry - 1;
      expect((await test.consume(consumptionOf(late))).status).toBe(201);
    } finally {
      now = () => Math.max(Date.now(), start);
    }
  });
});

describe('many callers for one approval', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await createTestApp();
  });
  afterAll(() => test.remove());

  it('are answered together', async () => {
    const approval = approve();
    await test.post({ kind: 'approval', content: approval.envelope });
    const statements = vi.spyOn(pg.Client.prototype, 'query');
    const bodies = Array.from({ length: 100 }, () => consumptionOf(approval));
    const statuses = (await Promise.all(bodies.map((body) => test.consume(body)))).map(({ status }) => status);
    const appends = statements.mock.calls.filter(([query]) => nameOf(query) === 'append-batch');
    statements.mockRestore();
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(99);
    // Not one for each: they share the batch of the one that wins, or come too late for any.
    expect(appends.length).toBeLessThan(20);
    expect(await test.size()).toBe(2);
  });
});

describe('search and lists', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await createTestApp();
  });
  afterAll(() => test.remove());

  it('find a consumption with its approval, and by its kind', async () => {
    const approval = approve();
    await test.post({ kind: 'approval', content: approval.envelope });
    await test.consume(consumptionOf(approval));
    type Page = { entries: { kind: string; consumption?: object }[]; next?: number };
    const find = async (query: string) => (await (await test.app.request(`/api/v1/entries?${query}`)).json()) as Page;
    const { entries } = await find(`approval=${approval.digest}`);
    expect(entries.map(({ kind }) => kind)).toEqual(['consumption', 'approval']);
    expect(entries[0]?.consumption).toMatchObject({ approval: approval.digest, boundary: 'payments-gw-3' });
    const page = await find(`approval=${approval.digest}&limit=1`);
    expect([page.entries[0]?.kind, page.next]).toEqual(['consumption', 1]);
    expect((await find(`approval=${approval.digest}&limit=1&after=1`)).entries[0]?.kind).toBe('approval');
    expect((await find('kind=consumption')).entries).toHaveLength(1);
    expect((await find(`service=${SERVICE}`)).entries).toHaveLength(1);
  });
});

function nameOf(query: unknown): unknown {
  return typeof query === 'object' && query !== null && 'name' in query ? query.name : undefined;
}
