import { createHash } from 'node:crypto';
import { createApproval, createServiceKey, type TestApproval } from '@assent/test-support';
import {
  base64Encode,
  canonicalJson,
  createSalt,
  type Json,
  openReceipt,
  parseReceipt,
  sealContent,
  verifyReceipt,
} from '@assent/verifier';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { blindDigest } from '../src/admission/blind.ts';
import { nativePrimitives } from '../src/native-primitives.ts';
import { createTestApp, SERVICE, type TestApp } from './support/test-app.ts';
import { ORIGIN } from './support/test-log.ts';

const serviceKey = createServiceKey();
const approve = (overrides = {}): TestApproval => createApproval({ origin: ORIGIN, serviceKey, overrides });
const newSalt = (): string => base64Encode(createSalt());
const sealing = ({ envelope }: TestApproval, salt = newSalt()) => ({
  kind: 'approval',
  visibility: 'sealed',
  content: envelope as Json,
  salt,
});
const commitmentOf = ({ content, salt }: { content: Json; salt: string }): string =>
  sealContent(content, Buffer.from(salt, 'base64'));
const indexOf = (response: Response): number => Number(response.headers.get('location')?.split('/').at(-1));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

let test: TestApp;
/** May append blind commitments as well. */
let blindKey: string;
let size: number;
beforeAll(async () => {
  test = await createTestApp();
  blindKey = await test.addKey({ blind: true });
});
afterAll(() => test.remove());
beforeEach(async () => {
  size = await test.size();
});

const by = (key: string) => ({ authorization: `Bearer ${key}` });
const postBlind = (sealed: string) => test.post({ kind: 'approval', sealed }, by(blindKey));
const expectProblem = async (response: Response, status: number, code: string): Promise<Record<string, unknown>> => {
  const body = (await response.json()) as Record<string, unknown>;
  expect({ status: response.status, code: body.code }).toEqual({ status, code });
  return body;
};

describe('a sealed append', () => {
  it('stores the commitment, and answers with a receipt that its owner can open', async () => {
    const approval = approve();
    const body = sealing(approval);
    const response = await test.post(body);
    expect(response.status).toBe(201);
    const receipt = await response.text();
    const entry = parseReceipt(receipt);
    expect(entry.ok && JSON.parse(entry.value.entry)).toEqual({
      type: 'assent/entry/v1',
      kind: 'approval',
      logged_at: expect.any(Number),
      sealed: commitmentOf(body),
    });
    const closed = await verifyReceipt(receipt, { logKeys: [test.log.vkey] });
    expect([closed.verdict, closed.log?.index]).toEqual(['incomplete', indexOf(response)]);
    const opened = openReceipt(receipt, { content: approval.envelope, salt: body.salt });
    const report = await verifyReceipt(opened.ok ? opened.value : '', { logKeys: [test.log.vkey] });
    expect(report.verdict, report.summary).toBe('authentic');
    expect(report.approval?.statement_digest).toBe(approval.digest);
  });

  it('keeps what formats.md §4 says in private, and neither content nor salt', async () => {
    const boundaries = [`sha256:${'0a'.repeat(32)}`, `sha256:${'0b'.repeat(32)}`];
    const approval = approve({ boundaries, use: 'multiple', decision: 'rejected' });
    const body = sealing(approval);
    const index = indexOf(await test.post(body));
    const row = await test.database.kysely
      .selectFrom('sealed')
      .select(['idx', 'service', 'id', 'decision', 'use', 'expires_at', 'boundaries'])
      .select(['commitment', 'content', 'statement', 'intent'])
      .where('idx', '=', index)
      .executeTakeFirstOrThrow();
    const { commitment, content, statement, intent, ...rest } = row;
    expect(rest).toEqual({
      idx: index,
      service: SERVICE,
      id: approval.statement.id,
      decision: 'rejected',
      use: 'multiple',
      expires_at: Date.parse(approval.statement.expires_at),
      boundaries,
    });
    expect(`sha256:${hex(commitment)}`).toBe(commitmentOf(body));
    expect(hex(content)).toBe(createHash('sha256').update(canonicalJson(approval.envelope)).digest('hex'));
    expect(`sha256:${hex(statement)}`).toBe(approval.digest);
    expect(`sha256:${hex(intent!)}`).toBe(approval.statement.intent.digest);
    // Of an approval without boundaries too.
    const plain = indexOf(await test.post(sealing(approve())));
    const { rows } = await test.database.pool.query('select boundaries from sealed where idx = $1', [plain]);
    expect(rows).toEqual([{ boundaries: [] }]);
  });

  it('answers the same again with the same entry, at once or later, and stores it once', async () => {
    const body = sealing(approve());
    const responses = await Promise.all(Array.from({ length: 6 }, () => test.post(body)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    expect(new Set(responses.map(indexOf)).size).toBe(1);
    const again = await test.post(body);
    expect([again.status, indexOf(again)]).toEqual([200, indexOf(responses[0]!)]);
    expect(await test.size()).toBe(size + 1);
  });

  it('refuses the same statement with another salt, signature or visibility, and another under its name', async () => {
    const approval = approve();
    const body = sealing(approval);
    const index = indexOf(await test.post(body));
    const resigned = createApproval({ origin: ORIGIN, serviceKey: createServiceKey(), payload: approval.payload });
    const renamed = approve({ id: approval.statement.id });
    const others = [
      sealing(approval),
      sealing(resigned, body.salt),
      { kind: 'approval', content: approval.envelope },
      { kind: 'approval', visibility: 'revealed', content: approval.envelope, intent: approval.intent },
      sealing(renamed),
      { kind: 'approval', content: renamed.envelope },
    ];
    for (const other of others) {
      expect(await expectProblem(await test.post(other), 409, 'identity_conflict')).toMatchObject({ index });
    }
    const open = approve();
    const openIndex = indexOf(await test.post({ kind: 'approval', content: open.envelope }));
    const conflict = await expectProblem(await test.post(sealing(open)), 409, 'identity_conflict');
    expect(conflict).toMatchObject({ index: openIndex });
    expect(await test.size()).toBe(size + 2);
  });

  it('tells a key of another service nothing, not even whether it is there', async () => {
    const approval = approve();
    await test.post(sealing(approval));
    const answers = await Promise.all(
      [sealing(approval), sealing(approve())].map(async (body) => {
        const response = await test.post(body, by(test.strangersKey));
        const { instance: _, ...problem } = (await response.json()) as Record<string, unknown>;
        return [response.status, problem];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]![0]).toBe(403);
  });

  it.each<[string, (approval: TestApproval) => unknown, number, string]>([
    ['without salt', ({ envelope }) => ({ kind: 'approval', visibility: 'sealed', content: envelope }), 400, 'salt'],
    ['with a salt of 31 bytes', (a) => sealing(a, base64Encode(new Uint8Array(31))), 400, 'salt'],
    ['with a salt in base64url', (a) => sealing(a, newSalt().replace('=', '')), 400, 'salt'],
    ['with the intent', (a) => ({ ...sealing(a), intent: a.intent }), 400, 'intent'],
    ['with its own commitment', (a) => ({ ...sealing(a), sealed: `sha256:${'0'.repeat(64)}` }), 400, 'sealed'],
    ['without content', (a) => ({ ...sealing(a), content: undefined }), 400, 'content'],
    ['open, with a salt', (a) => ({ ...sealing(a), visibility: 'open' }), 400, 'salt'],
    ['with a salt and no visibility', (a) => ({ ...sealing(a), visibility: undefined }), 400, 'salt'],
    ['of another log', () => sealing(createApproval({ origin: 'other.log', serviceKey })), 422, 'another log'],
    ['that is no envelope', (a) => ({ ...sealing(a), content: {} }), 422, 'envelope'],
    [
      'with a signature that does not verify',
      (a) => sealing({ ...a, envelope: JSON.parse(JSON.stringify(a.envelope).replace(/"sig":"..../, '"sig":"AAAA')) }),
      422,
      'not a signature',
    ],
  ])('is refused %s', async (_, bodyOf, status, words) => {
    const code = status === 400 ? 'invalid_request' : 'content_refused';
    expect((await expectProblem(await test.post(bodyOf(approve())), status, code)).detail).toContain(words);
    expect(await test.size()).toBe(size);
  });
});

describe('looking for a sealed entry', () => {
  it.each([
    ['a path', '/api/v1/receipts/'],
    ['a query', '/api/v1/receipts?name='],
  ])(
    'finds it by index and leaf hash, and by statement or name only with a key for its service: %s',
    async (_, path) => {
      const approval = approve();
      const created = await test.post(sealing(approval));
      const index = indexOf(created);
      const leaf = (await verifyReceipt(await created.text(), { logKeys: [test.log.vkey] })).log?.leaf_hash;
      const ask = (name: string, key?: string) => test.app.request(`${path}${name}`, { headers: key ? by(key) : {} });
      expect((await ask(String(index))).status).toBe(200);
      expect((await ask(String(leaf))).status).toBe(200);
      const unknown = approve();
      for (const [name, other] of [
        [approval.digest, unknown.digest],
        [`${SERVICE}/${approval.statement.id}`, `${SERVICE}/${unknown.statement.id}`],
      ] as const) {
        for (const key of [undefined, test.strangersKey]) {
          const found = await expectProblem(await ask(name, key), 404, 'not_found');
          const missing = await expectProblem(await ask(other, key), 404, 'not_found');
          expect(found.detail).toBe(String(missing.detail).replace(other, name));
        }
        for (const key of [test.key, await test.addKey({ services: ['*'] })]) {
          const response = await ask(name, key);
          expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
          const report = await verifyReceipt(await response.text(), { logKeys: [test.log.vkey] });
          expect(report.log?.index).toBe(index);
        }
      }
      await expectProblem(await ask(String(index), `assent_00000000_${'A'.repeat(43)}`), 401, 'unauthenticated');
    },
  );

  it('shows nothing of its content anywhere', async () => {
    const approval = approve({ requester: 'agent:very-secret' });
    const body = sealing(approval);
    const index = indexOf(await test.post(body));
    for (const path of [`/api/v1/entries/${index}`, `/api/v1/receipts/${index}`, `/tile/entries/000.p/${index + 1}`]) {
      const response = await test.app.request(path);
      expect(response.status).toBe(200);
      const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
      expect(text).toContain(commitmentOf(body));
      for (const secret of [approval.digest, approval.statement.id, 'very-secret', body.salt]) {
        expect(text).not.toContain(secret);
      }
    }
  });
});

describe('a blind commitment', () => {
  it('is stored for a key that may, and the same again is the same entry', async () => {
    const commitment = commitmentOf(sealing(approve()));
    const responses = await Promise.all(Array.from({ length: 5 }, () => postBlind(commitment)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect(new Set(responses.map(indexOf)).size).toBe(1);
    const receipt = await responses[0]!.text();
    const report = await verifyReceipt(receipt, { logKeys: [test.log.vkey] });
    expect([report.verdict, report.log?.sealed]).toEqual(['incomplete', commitment]);
    const { rows } = await test.database.pool.query('select 1 from sealed where idx = $1', [indexOf(responses[0]!)]);
    expect(rows).toEqual([]);
    expect(await test.size()).toBe(size + 1);
  });

  it('is refused to a key without that right, whatever its services', async () => {
    const commitment = `sha256:${'ab'.repeat(32)}`;
    for (const key of [test.key, await test.addKey({ services: ['*'] })]) {
      await expectProblem(await test.post({ kind: 'approval', sealed: commitment }, by(key)), 403, 'forbidden');
    }
    expect(await test.size()).toBe(size);
  });

  it.each([
    ['short', 'sha256:ab'],
    ['upper case', `sha256:${'AB'.repeat(32)}`],
    ['bare', 'ab'.repeat(32)],
  ])('is refused when it is no digest (%s)', async (_, sealed) => {
    await expectProblem(await postBlind(sealed), 400, 'invalid_request');
  });

  it('is no other visibility and no other kind', async () => {
    const sealed = `sha256:${'cd'.repeat(32)}`;
    for (const more of [
      { visibility: 'open' },
      { visibility: 'revealed' },
      { kind: 'trust-root' },
      { salt: newSalt() },
    ]) {
      const response = await test.post({ kind: 'approval', sealed, ...more }, by(blindKey));
      await expectProblem(response, 400, 'invalid_request');
    }
    expect((await test.post({ kind: 'approval', sealed, visibility: 'sealed' }, by(blindKey))).status).toBe(201);
  });

  it('of what was checked is that entry, and does not tell that it was checked', async () => {
    const body = sealing(approve());
    const index = indexOf(await test.post(body));
    const response = await postBlind(commitmentOf(body));
    expect([response.status, indexOf(response)]).toEqual([200, index]);
    expect(await test.size()).toBe(size + 1);
    const blind = commitmentOf(sealing(approve()));
    await postBlind(blind);
    for (const commitment of [commitmentOf(body), blind]) {
      const digest = `sha256:${blindDigest(commitment, nativePrimitives)}`;
      await expectProblem(await test.app.request(`/api/v1/receipts/${digest}`), 404, 'not_found');
    }
  });

  it('can not be checked afterwards: that takes another salt', async () => {
    const approval = approve();
    const body = sealing(approval);
    const index = indexOf(await postBlind(commitmentOf(body)));
    const conflict = await expectProblem(await test.post(body), 409, 'identity_conflict');
    expect(conflict).toMatchObject({ index, detail: expect.stringContaining('new salt') });
    expect(await test.size()).toBe(size + 1);
    expect((await test.post(sealing(approval))).status).toBe(201);
  });

  it('that comes together with its content is in the log once', async () => {
    for (let round = 0; round < 4; round++) {
      const body = sealing(approve());
      const before = await test.size();
      const [checked, blind] = await Promise.all([test.post(body), postBlind(commitmentOf(body))]);
      expect(await test.size()).toBe(before + 1);
      expect([
        [201, 200],
        [409, 201],
      ]).toContainEqual([checked.status, blind.status]);
    }
  });

  it('is judged in a batch as if all had been sent alone and in order', async () => {
    const [first, second] = [approve(), approve()];
    const [checked, blind] = [sealing(first), sealing(second)];
    const entries = [
      checked,
      { kind: 'approval', sealed: commitmentOf(checked) },
      checked,
      { kind: 'approval', sealed: commitmentOf(blind) },
      blind,
      { kind: 'approval', sealed: commitmentOf(blind) },
      { kind: 'approval', content: first.envelope },
      sealing(second),
    ];
    const response = await test.postBatch({ entries }, by(blindKey));
    const { results } = (await response.json()) as { results: { status: number; index?: number }[] };
    expect(results.map(({ status, index }) => [status, index && index - size])).toEqual([
      [201, 0],
      [200, 0],
      [200, 0],
      [201, 1],
      [409, 1],
      [200, 1],
      [409, 0],
      [201, 2],
    ]);
    expect(await test.size()).toBe(size + 3);
  });

  it("can not take the place of somebody's statement or name", async () => {
    const approval = approve();
    await postBlind(approval.digest);
    const identity = createHash('sha256').update(`${SERVICE}\0${approval.statement.id}`).digest('hex');
    await postBlind(`sha256:${identity}`);
    expect((await test.post({ kind: 'approval', content: approval.envelope })).status).toBe(201);
  });
});

describe('the default visibility', () => {
  let sealedByDefault: TestApp;
  beforeAll(async () => {
    sealedByDefault = await createTestApp({ defaultVisibility: 'sealed' });
  });
  afterAll(() => sealedByDefault.remove());

  it("is the key's, else the log's, and what a submission says comes first", async () => {
    const openKey = await sealedByDefault.addKey({ defaultVisibility: 'open' });
    const revealingKey = await sealedByDefault.addKey({ defaultVisibility: 'revealed' });
    const visibilityOf = async (body: unknown, key: string): Promise<string> => {
      const response = await sealedByDefault.post(body, by(key));
      const receipt = parseReceipt(await response.text());
      if (!receipt.ok) return String(response.status);
      const entry = JSON.parse(receipt.value.entry);
      return entry.sealed ? 'sealed' : entry.reveal ? 'revealed' : 'open';
    };
    const plain = ({ envelope }: TestApproval) => ({ kind: 'approval', content: envelope });
    const { visibility: _, ...salted } = sealing(approve());
    expect(await visibilityOf(salted, sealedByDefault.key)).toBe('sealed');
    expect(await visibilityOf(plain(approve()), openKey)).toBe('open');
    expect(await visibilityOf({ ...plain(approve()), visibility: 'open' }, sealedByDefault.key)).toBe('open');
    const revealed = approve();
    expect(await visibilityOf({ ...plain(revealed), intent: revealed.intent }, revealingKey)).toBe('revealed');
    expect(await visibilityOf(sealing(approve()), openKey)).toBe('sealed');
  });

  it('says what to send when a salt or an intent is missing', async () => {
    const body = { kind: 'approval', content: approve().envelope };
    const sealed = await expectProblem(await sealedByDefault.post(body), 400, 'invalid_request');
    expect(sealed.detail).toMatch(/"salt".*base64.*"visibility": "open"/);
    const key = await sealedByDefault.addKey({ defaultVisibility: 'revealed' });
    const revealed = await expectProblem(await sealedByDefault.post(body, by(key)), 400, 'invalid_request');
    expect(revealed.detail).toContain('"intent"');
  });

  it('is what /api/v1/log says', async () => {
    for (const [app, expected] of [
      [sealedByDefault, 'sealed'],
      [test, 'open'],
    ] as const) {
      expect(await (await app.app.request('/api/v1/log')).json()).toMatchObject({ default_visibility: expected });
    }
  });
});
