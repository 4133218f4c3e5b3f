import { createServiceKey, createTrustVersion, signTrustRoot, type TestTrustVersion } from '@assent/test-support';
import { base64Encode, parseEntry, sha256, verifyReceipt } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryDigests } from '../src/maintenance/entry-digests.ts';
import type { Problem } from '../src/problems.ts';
import { approve, createTestApp, type TestApp } from './support/test-app.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const [a, b, c] = [createServiceKey(), createServiceKey('es256'), createServiceKey()];

const bodyOf = ({ envelope }: Pick<TestTrustVersion, 'envelope'>) => ({ kind: 'trust-root', content: envelope });
const by = (key: string) => ({ authorization: `Bearer ${key}` });
const indexOf = (response: Response): number => Number(response.headers.get('location')?.split('/').at(-1));
async function problemOf(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { code: string }).code];
}

describe('POST /api/v1/entries with a trust root', () => {
  let test: TestApp;
  /** May append versions of every trust root, and nothing else. */
  let key: string;
  /** What the log believes the time to be. */
  let now = Date.now;
  beforeAll(async () => {
    test = await createTestApp({ now: () => now() });
    key = await test.addKey({ services: [], trustRoots: ['*'] });
  });
  afterAll(() => test.remove());

  const post = (version: Pick<TestTrustVersion, 'envelope'>, apiKey = key) => test.post(bodyOf(version), by(apiKey));

  /** Versions that the log holds, each signed by one key. */
  async function logged(count: number): Promise<readonly TestTrustVersion[]> {
    const versions: TestTrustVersion[] = [];
    while (versions.length < count) {
      const previous = versions.at(-1);
      const version = createTrustVersion({ rootKeys: [a], ...(previous && { previous }) });
      expect((await post(version)).status).toBe(201);
      versions.push(version);
    }
    return versions;
  }

  it('logs versions in order, with receipts that verify', async () => {
    const v1 = createTrustVersion({ rootKeys: [a, b], threshold: 1, signers: [b] });
    const v2 = createTrustVersion({ previous: v1, rootKeys: [c] });
    const v3 = createTrustVersion({ previous: v2 });
    for (const version of [v1, v2, v3]) {
      const response = await post(version);
      expect(response.status).toBe(201);
      const report = await verifyReceipt(await response.text(), { logKeys: [test.log.vkey] });
      expect(report).toMatchObject({
        verdict: 'authentic',
        trust_root: { digest: version.digest, version: version.trustRoot.version, name: 'acme.example' },
        log: { index: indexOf(response) },
      });
      const byDigest = await test.app.request(`/api/v1/receipts/${version.digest}`);
      expect((await verifyReceipt(await byDigest.text(), { logKeys: [test.log.vkey] })).verdict).toBe('authentic');
    }
  });

  it('answers the same again with that entry, whatever the time is by then', async () => {
    const [v1, v2] = await logged(2);
    const size = await test.size();
    const start = Date.now();
    try {
      now = () => Math.max(Date.now(), start + 3 * DAY);
      for (const version of [v1!, v2!]) expect((await post(version)).status).toBe(200);
      expect(await problemOf(await post(createTrustVersion({ previous: v2! })))).toEqual([422, 'trust_root_time']);
    } finally {
      now = Date.now;
    }
    expect(await test.size()).toBe(size);
  });

  it('takes no other version of that number, nor other signatures', async () => {
    const v1 = createTrustVersion({ rootKeys: [a, b], threshold: 1 });
    expect((await post(v1)).status).toBe(201);
    const first = await post(createTrustVersion({ previous: v1, rootKeys: [c] }));
    expect(first.status).toBe(201);
    const other = await post(createTrustVersion({ previous: v1, rootKeys: [a] }));
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ code: 'identity_conflict', index: indexOf(first) });
    const again = { envelope: signTrustRoot(v1.payload, [a]) };
    expect(await problemOf(await post(again))).toEqual([409, 'identity_conflict']);
  });

  it('lets two roots be, whose later versions are alike', async () => {
    const [one] = await logged(1);
    const [other] = await logged(1);
    for (const previous of [one!, other!]) expect((await post(createTrustVersion({ previous }))).status).toBe(201);
  });

  describe('refuses, and stores nothing:', () => {
    let v1: TestTrustVersion;
    beforeAll(async () => {
      v1 = createTrustVersion({ rootKeys: [a, b], threshold: 2 });
      expect((await post(v1)).status).toBe(201);
    });
    type Sent = { readonly body: unknown; readonly apiKey?: string };
    type Case = [string, [number, string], () => Sent | Promise<Sent>];
    const of = (version: Pick<TestTrustVersion, 'envelope'>): Sent => ({ body: bodyOf(version) });
    const open = (more: object): Sent => ({ body: { ...bodyOf(createTrustVersion({ rootKeys: [a] })), ...more } });
    const at = (issuedAt: number): Sent => of(createTrustVersion({ rootKeys: [a], issuedAt }));

    it.each<Case>([
      [
        'a version whose previous one is not there',
        [422, 'trust_root_refused'],
        () => of(createTrustVersion({ previous: createTrustVersion({ previous: v1 }) })),
      ],
      [
        'a version after an approval',
        [422, 'trust_root_refused'],
        async () => {
          const approval = approve();
          expect((await test.post({ kind: 'approval', content: approval.envelope })).status).toBe(201);
          return of(createTrustVersion({ previous: { ...v1, digest: approval.digest } }));
        },
      ],
      [
        'a number left out',
        [422, 'trust_root_refused'],
        () => of(createTrustVersion({ previous: v1, overrides: { version: 3 } })),
      ],
      [
        'a version issued no later',
        [422, 'trust_root_refused'],
        () => of(createTrustVersion({ previous: v1, issuedAt: Date.parse(v1.trustRoot.issued_at) })),
      ],
      [
        'too few of the root keys before',
        [422, 'trust_root_refused'],
        () => of(createTrustVersion({ previous: v1, rootKeys: [c], signers: [a, c] })),
      ],
      [
        'a stranger who signed as well',
        [422, 'trust_root_refused'],
        () => of(createTrustVersion({ previous: v1, signers: [a, b, c] })),
      ],
      [
        'too few of its own root keys',
        [422, 'content_refused'],
        () => of(createTrustVersion({ previous: v1, rootKeys: [c], signers: [a, b] })),
      ],
      [
        'too few of the first root keys',
        [422, 'content_refused'],
        () => of(createTrustVersion({ rootKeys: [a, b], signers: [a] })),
      ],
      [
        'a signature of another payload',
        [422, 'content_refused'],
        () => ({
          body: {
            kind: 'trust-root',
            content: { ...v1.envelope, payload: createTrustVersion({ rootKeys: [a] }).envelope.payload },
          },
        }),
      ],
      ['more than 5 minutes old', [422, 'trust_root_time'], () => at(Date.now() - 6 * MINUTE)],
      ['more than 30 days ahead', [422, 'trust_root_time'], () => at(Date.now() + 30 * DAY + MINUTE)],
      ['an approval', [422, 'content_refused'], () => ({ body: { kind: 'trust-root', content: approve().envelope } })],
      ['a trust root as an approval', [422, 'content_refused'], () => ({ body: { ...bodyOf(v1), kind: 'approval' } })],
      ['no content', [400, 'invalid_request'], () => ({ body: { kind: 'trust-root' } })],
      [
        'one that is sealed',
        [400, 'invalid_request'],
        () => open({ visibility: 'sealed', salt: base64Encode(new Uint8Array(32)) }),
      ],
      [
        'one that is sealed blind',
        [400, 'invalid_request'],
        () => ({ body: { kind: 'trust-root', sealed: v1.digest } }),
      ],
      ['one with an intent', [400, 'invalid_request'], () => open({ visibility: 'revealed', intent: {} })],
      ['a key without the right', [403, 'forbidden'], () => ({ ...open({}), apiKey: test.key })],
      [
        'a key with the right for another',
        [403, 'forbidden'],
        async () => ({ ...open({}), apiKey: await test.addKey({ trustRoots: [v1.digest] }) }),
      ],
      [
        'the next version of another',
        [403, 'forbidden'],
        async () => {
          const [other] = await logged(1);
          return {
            ...of(createTrustVersion({ previous: v1 })),
            apiKey: await test.addKey({ trustRoots: [other!.digest] }),
          };
        },
      ],
    ])('%s', async (_, expected, prepare) => {
      const { body, apiKey = key } = await prepare();
      const size = await test.size();
      expect(await problemOf(await test.post(body, by(apiKey)))).toEqual(expected);
      expect(await test.size()).toBe(size);
    });
  });

  it('keeps to the edges of the time, by its own clock', async () => {
    const issuedAt = Date.now();
    const versions = Array.from({ length: 4 }, () => createTrustVersion({ rootKeys: [a], issuedAt }));
    try {
      const outcomes: number[] = [];
      // Its clock never goes back, so the early times come first.
      const times = [issuedAt - 30 * DAY - 1, issuedAt - 30 * DAY, issuedAt + 5 * MINUTE, issuedAt + 5 * MINUTE + 1];
      now = () => times[0]! - DAY;
      const fresh = await createTestApp({ now: () => now() });
      const freshKey = await fresh.addKey({ trustRoots: ['*'] });
      for (const [i, time] of times.entries()) {
        now = () => time;
        outcomes.push((await fresh.post(bodyOf(versions[i]!), by(freshKey))).status);
      }
      await fresh.remove();
      expect(outcomes).toEqual([422, 201, 201, 422]);
    } finally {
      now = Date.now;
    }
  });

  it('lets a key append the versions of its own root, also when the server was started since', async () => {
    const v1 = createTrustVersion({ rootKeys: [a] });
    const own = await test.addKey({ trustRoots: [v1.digest] });
    const versions = [v1];
    while (versions.length < 4) versions.push(createTrustVersion({ previous: versions.at(-1)! }));
    for (const version of versions) expect((await post(version, own)).status).toBe(201);
    // Another process has to find its way to the first one.
    const other = await test.home.open();
    const next = createTrustVersion({ previous: versions.at(-1)! });
    const rights = { services: [], trustRoots: [v1.digest] };
    expect((await other.log.append(bodyOf(next), rights)).created).toBe(true);
    const stranger = { services: ['*'], trustRoots: [next.digest] };
    await expect(other.log.append(bodyOf(next), stranger)).rejects.toMatchObject({ code: 'forbidden' });
    await other.close();
  });

  it('takes one of two different versions, whoever is first, in one process and in two', async () => {
    const other = await test.home.open();
    const rights = { services: [], trustRoots: ['*'] };
    for (const logs of [
      [test.log, test.log],
      [test.log, other.log],
    ]) {
      for (let round = 0; round < 5; round++) {
        const [v1] = await logged(1);
        const rivals = [createTrustVersion({ previous: v1! }), createTrustVersion({ previous: v1!, rootKeys: [b] })];
        const settled = await Promise.allSettled(rivals.map((rival, i) => logs[i]!.append(bodyOf(rival), rights)));
        const codes = settled.map((result) =>
          result.status === 'fulfilled' ? 'created' : (result.reason as Problem).code,
        );
        expect(codes.toSorted()).toEqual(['created', 'identity_conflict']);
        const winner = rivals[codes.indexOf('created')]!;
        expect((await post(createTrustVersion({ previous: winner }))).status).toBe(201);
      }
    }
    await other.close();
  });

  it('takes a chain in one batch, in its order, between other entries', async () => {
    const v1 = createTrustVersion({ rootKeys: [a] });
    const v2 = createTrustVersion({ previous: v1 });
    const v3 = createTrustVersion({ previous: v2 });
    const both = await test.addKey({ trustRoots: ['*'] });
    const approval = () => ({ kind: 'approval', content: approve().envelope });
    const entries = [approval(), bodyOf(v1), approval(), bodyOf(v2), bodyOf(v3), approval()];
    const size = await test.size();
    const response = await test.postBatch({ entries }, by(both));
    const { results } = (await response.json()) as { results: { status: number; index: number }[] };
    expect(results.map(({ status }) => status)).toEqual(Array(6).fill(201));
    expect(results.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5].map((i) => size + i));
    const wrong = [bodyOf(createTrustVersion({ previous: createTrustVersion({ previous: v3 }) })), approval()];
    const second = (await (await test.postBatch({ entries: wrong }, by(both))).json()) as typeof response;
    expect(second).toMatchObject({
      results: [{ status: 422, problem: { code: 'trust_root_refused' } }, { status: 201 }],
    });
  });

  it('finds them by their kind, and shows what they are', async () => {
    const [v1] = await logged(1);
    const response = await test.app.request('/api/v1/entries?kind=trust-root&limit=1');
    const { entries } = (await response.json()) as { entries: object[] };
    const { name, version, issued_at, expires_at } = v1!.trustRoot;
    expect(entries).toMatchObject([
      {
        kind: 'trust-root',
        trust_root: { digest: v1!.digest, name, version, issued_at, expires_at },
        keyids: [a.publicKey.keyid],
      },
    ]);
  });

  it('can make their records again from the entries alone', async () => {
    const [, v2] = await logged(2);
    const index = (await test.size()) - 1;
    const entry = parseEntry(await test.log.entry(index));
    const digests = entry.ok ? entryDigests(entry.value, undefined, sha256) : undefined;
    const row = await test.database.kysely
      .selectFrom('records')
      .select(['statement', 'identity'])
      .where('idx', '=', index)
      .executeTakeFirst();
    expect(row && { statement: Buffer.from(row.statement), identity: Buffer.from(row.identity) }).toEqual({
      statement: Buffer.from(digests!.statement),
      identity: Buffer.from(digests!.identity),
    });
    expect(`sha256:${Buffer.from(digests!.statement).toString('hex')}`).toBe(v2!.digest);
  });
});
