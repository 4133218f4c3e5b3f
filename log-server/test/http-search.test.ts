import { randomBytes } from 'node:crypto';
import { createApproval, createServiceKey } from '@assent/test-support';
import { waitUntil } from '@assent/test-support/fault/index';
import { canonicalBytes, formatEntry, hexEncode, type Json, leafHash } from '@assent/verifier';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenLog } from '../src/open-parts.ts';
import { findBundles, indexedBundles, insertBundleTerms } from '../src/store/search-terms.ts';
import { insertWithheld } from '../src/store/withheld.ts';
import { appendTogether, type RawEntry, rawBytes, rawSealed } from './support/append-together.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';
import { createLogHome, ORIGIN, type TestLogHome } from './support/test-log.ts';

type Conditions = { service?: string; intent?: string; keyid?: string; kind?: string };
/** What is known of an entry without asking the log; `hidden` ones must never be found. */
type Known = RawEntry & { readonly hidden?: true; readonly facts: Required<Conditions>; readonly digest: string };
type Listed = { index: number; kind: string; leaf_hash: string; keyids: string[]; statement: { service: string } };
type Page = { entries: Listed[]; next: number | null };

const KEYS = Array.from({ length: 4 }, () => createServiceKey());
const SERVICES = ['a.example', 'b.example', 'c.example', 'rare.example'];
const INTENTS = Array.from({ length: 40 }, (_, i) => `sha256:${i.toString(16).padStart(64, '0')}`);
const KINDS = ['approval', 'consumption', 'trust-root'] as const;

/** A repeatable sequence, so that a failure is one that can be looked at. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomEntry(random: (below: number) => number): Known {
  const key = KEYS[random(KEYS.length)]!;
  const service = random(60) === 0 ? 'rare.example' : SERVICES[random(3)]!;
  const intent = INTENTS[random(INTENTS.length)]!;
  const kind = random(12) === 0 ? KINDS[1 + random(2)]! : 'approval';
  const { envelope, digest } = createApproval({
    origin: ORIGIN,
    serviceKey: key,
    overrides: { service, intent: { digest: intent, action: 'payment.refund', connector: 'stripe/acct' } },
  });
  const facts = { service, intent, keyid: key.publicKey.keyid, kind };
  const statement = Buffer.from(digest.slice(7), 'hex');
  if (random(8) === 0) return { ...rawSealed(), statement, hidden: true, facts, digest };
  if (random(20) === 0)
    return { ...rawBytes(Buffer.from(`{"kind":"${random(10)}`)), statement, hidden: true, facts, digest };
  const format = (loggedAt: number) => formatEntry({ kind, loggedAt, content: envelope as unknown as Json });
  return { statement, format, facts, digest };
}

/** What a search has to find, found by looking at everything. */
function expected(known: readonly Known[], conditions: Conditions, below: number): number[] {
  const found = known.flatMap((entry, index) => {
    const fits = Object.entries(conditions).every(([name, value]) => entry.facts[name as 'kind'] === value);
    return index < below && fits && entry.hidden === undefined ? [index] : [];
  });
  return found.reverse();
}

const conditionsArbitrary = fc.record(
  {
    service: fc.constantFrom(...SERVICES, 'absent.example'),
    intent: fc.constantFrom(...INTENTS.slice(0, 8)),
    keyid: fc.constantFrom(...KEYS.map(({ publicKey }) => publicKey.keyid)),
    kind: fc.constantFrom(...KINDS),
  },
  { requiredKeys: [] },
);

describe('searching entries', () => {
  let test: TestApp;
  const known: Known[] = [];
  const random = seeded(7);

  const append = async (count: number): Promise<void> => {
    const entries = Array.from({ length: count }, () => randomEntry(random));
    await appendTogether(test.parts.sequencer, entries);
    known.push(...entries);
    await test.log.head();
  };
  const list = async (conditions: Record<string, string | number>): Promise<Page> => {
    const query = new URLSearchParams(Object.entries(conditions).map(([name, value]) => [name, String(value)]));
    const response = await test.app.request(`/api/v1/entries?${query}`);
    expect(response.status, `${query}`).toBe(200);
    return (await response.json()) as Page;
  };
  /** All pages, as a caller gets them. */
  const listAll = async (conditions: Conditions, limit: number, between?: () => Promise<void>): Promise<number[]> => {
    const found: number[] = [];
    for (let after: number | null | undefined; after !== null; ) {
      const page = await list({ ...conditions, limit, ...(after !== undefined && { after }) });
      expect(page.entries.length).toBeLessThanOrEqual(limit);
      found.push(...page.entries.map(({ index }) => index));
      expect(page.next === null || after === undefined || page.next < after).toBe(true);
      after = page.next;
      await between?.();
    }
    return found;
  };
  const compare = async (runs: number): Promise<void> => {
    await fc.assert(
      fc.asyncProperty(conditionsArbitrary, fc.integer({ min: 1, max: 100 }), async (conditions, limit) => {
        expect(await listAll(conditions, limit)).toEqual(expected(known, conditions, known.length));
      }),
      { numRuns: runs, seed: 11 },
    );
  };
  const indexed = async (bundles: number): Promise<void> => {
    await waitUntil('the index is that far', async () => (await indexedBundles(test.database.kysely)) === bundles);
  };

  beforeAll(async () => {
    test = await createTestApp();
    await append(700);
    await append(400);
  });
  afterAll(() => test.remove());

  it('finds what a look at everything finds, while nothing or part of it is indexed', async () => {
    await compare(8);
    await indexed(4);
    await sql`DELETE FROM search_terms WHERE bundle >= 2`.execute(test.database.kysely);
    await sql`UPDATE search_progress SET bundles = 2`.execute(test.database.kysely);
    await compare(12);
  });

  it('goes on from where the index ends, and finds the same', async () => {
    await append(180);
    await indexed(5);
    await compare(20);
  });

  it('reads nothing of a bundle that has no such term', async () => {
    const { rows } = await sql<{ bundle: number }>`SELECT DISTINCT bundle FROM search_terms ORDER BY 1`.execute(
      test.database.kysely,
    );
    expect(rows.map(({ bundle }) => bundle)).toEqual([0, 1, 2, 3, 4]);
    // Its terms say that bundle 0 holds nothing: if a search does not look there, it believes them.
    await sql`DELETE FROM search_terms WHERE bundle = 0`.execute(test.database.kysely);
    const all = expected(known, { service: 'a.example' }, known.length);
    const found = await listAll({ service: 'a.example' }, 100);
    expect(found).toEqual(all.filter((index) => index >= 256));
    await sql`UPDATE search_progress SET bundles = 0`.execute(test.database.kysely);
    expect(await listAll({ service: 'a.example' }, 100)).toEqual(all);
  });

  it('pages neither skip nor repeat an entry while others are appended', async () => {
    for (const conditions of [{}, { service: 'b.example' }, { kind: 'approval', keyid: KEYS[0]!.publicKey.keyid }]) {
      const before = known.length;
      const found = await listAll(conditions, 90, () => append(7));
      expect(found).toEqual(expected(known, conditions, before));
    }
  });

  it('lists the newest entries, each with its hash, its statement and where it is', async () => {
    const { entries, next } = await list({});
    expect(entries.map(({ index }) => index)).toEqual(expected(known, {}, known.length).slice(0, 20));
    expect(next).toBe(entries.at(-1)!.index);
    for (const listed of entries) {
      const entry = new Uint8Array(await (await test.app.request(`/api/v1/entries/${listed.index}`)).arrayBuffer());
      const { facts, digest } = known[listed.index]!;
      expect(listed).toMatchObject({
        leaf_hash: `sha256:${hexEncode(leafHash(entry))}`,
        logged_at: new Date(
          (JSON.parse(Buffer.from(entry).toString()) as { logged_at: number }).logged_at,
        ).toISOString(),
        kind: facts.kind,
        visibility: 'open',
        keyids: [facts.keyid],
        statement: { digest, service: facts.service, decision: 'approved', intent: { digest: facts.intent } },
        links: { entry: `/api/v1/entries/${listed.index}`, receipt: `/api/v1/receipts/${listed.index}` },
      });
    }
  });

  it('finds an approval by its statement digest, unless it is sealed or other conditions exclude it', async () => {
    const index = known.findIndex(({ hidden }) => hidden === undefined);
    const { digest, facts } = known[index]!;
    expect((await list({ approval: digest })).entries).toMatchObject([{ index }]);
    expect((await list({ approval: digest, service: facts.service })).entries).toMatchObject([{ index }]);
    expect(await list({ approval: digest, service: 'absent.example' })).toEqual({ entries: [], next: null });
    expect(await list({ approval: digest, after: index })).toEqual({ entries: [], next: null });
    expect(await list({ approval: `sha256:${'0'.repeat(64)}` })).toEqual({ entries: [], next: null });
    const sealed = known.find(({ hidden }) => hidden)!;
    expect(await list({ approval: sealed.digest })).toEqual({ entries: [], next: null });
  });

  it('leaves out what is withheld or damaged, and finds the others', async () => {
    const [newest, second, ...others] = expected(known, {}, known.length);
    const { kysely } = test.database;
    await insertWithheld(kysely, { index: newest!, reason: 'a court order', at: 1 });
    await waitUntil('it is withheld', async () => (await list({ limit: 1 })).entries[0]?.index === second);
    await sql`UPDATE blocks SET data = '\\x00' WHERE first <= ${second!} AND first + count > ${second!}`.execute(
      kysely,
    );
    const { rows } = await sql<{
      first: number;
    }>`SELECT first FROM blocks WHERE first <= ${second!} ORDER BY first DESC LIMIT 1`.execute(kysely);
    const found = (await list({ limit: 5 })).entries.map(({ index }) => index);
    expect(found).toEqual(others.filter((index) => index < rows[0]!.first).slice(0, 5));
  });

  it.each([
    ['?limit=0', '"limit" must be from 1 to 100'],
    ['?limit=101', '"limit" must be from 1 to 100'],
    ['?limit=1&limit=2', 'more than once'],
    ['?after=-1', '"after" must be a decimal'],
    ['?service=a/b', '"service" must be the name of a service'],
    ['?kind=other', '"kind" must be one of approval, consumption, trust-root'],
    ['?approval=sha256:00', '"approval" must be "sha256:" and 64'],
    [`?intent=${'0'.repeat(64)}`, '"intent" must be "sha256:" and 64'],
    ['?keyid=', '"keyid" must be "sha256:" and 64'],
    ['?services=a', 'no parameter "services"'],
  ])('%s is refused', async (query, detail) => {
    const response = await test.app.request(`/api/v1/entries${query}`);
    const problem = (await response.json()) as { code: string; detail: string };
    expect([response.status, problem.code]).toEqual([400, 'invalid_parameter']);
    expect(problem.detail).toContain(detail);
  });
});

describe('the search index', () => {
  let home: TestLogHome;
  let parts: Awaited<ReturnType<TestLogHome['open']>>;
  beforeEach(async () => {
    home = await createLogHome();
    parts = await home.open();
  });
  afterEach(() => home.remove());

  const fill = async ({ sequencer, log }: OpenLog, count: number): Promise<void> => {
    for (let left = count; left > 0; left -= 1_000) {
      await appendTogether(sequencer, Array.from({ length: Math.min(left, 1_000) }, rawSealed));
    }
    await log.head();
  };

  it('answers with where to go on when a request would have to read too much', async () => {
    const { kysely } = parts.database;
    const entry = randomEntry(() => 1);
    await appendTogether(parts.sequencer, [entry]);
    await fill(parts, 4_200);
    await waitUntil('the index is that far', async () => (await indexedBundles(kysely)) === 16);
    const query = { service: entry.facts.service, limit: 20 };
    const { found } = await parts.log.search.find(query);
    expect(found.map(({ index }) => index)).toEqual([0]);
    await sql`UPDATE search_progress SET bundles = 0`.execute(kysely);
    const first = await parts.log.search.find(query);
    // 4,096 entries, and what is left of a piece of 64.
    expect(first).toEqual({ found: [], next: 64 });
    const second = await parts.log.search.find({ ...query, after: first.next });
    expect(second.found.map(({ index }) => index)).toEqual([0]);
    expect(second.next).toBeUndefined();
  });

  it('holds each bundle once when several processes write it, and has none of what is sealed', async () => {
    const other = await home.open();
    const entries = Array.from({ length: 512 }, (_, i) => (i % 2 === 0 ? rawSealed() : randomEntry(seeded(i))));
    await appendTogether(parts.sequencer, entries);
    await Promise.all([parts.log.head(), other.log.head()]);
    const { kysely } = parts.database;
    await waitUntil('the index is that far', async () => (await indexedBundles(kysely)) === 2);
    const { rows } = await sql<{ bundle: number; terms: number }>`
      SELECT bundle, cardinality(terms) AS terms FROM search_terms ORDER BY bundle`.execute(kysely);
    const open = (entries as Partial<Known>[]).map((entry) => (entry.hidden ? undefined : entry.facts));
    // A place for each entry's intent, and everything else once.
    const count = (from: number) =>
      256 +
      new Set(
        open
          .slice(from, from + 256)
          .flatMap(({ service, keyid, kind }: Partial<Conditions> = {}) =>
            Object.entries({ service, keyid, kind }).flatMap((one) => (one[1] === undefined ? [] : [String(one)])),
          ),
      ).size;
    expect(rows).toEqual([
      { bundle: 0, terms: count(0) },
      { bundle: 1, terms: count(256) },
    ]);
  });

  it('goes on after its tables were out of reach', async () => {
    const { kysely } = parts.database;
    await sql`ALTER TABLE search_terms RENAME TO hidden`.execute(kysely);
    await fill(parts, 256);
    await expect(findBundles(kysely, { others: [1n] }, 0, 1, 1)).rejects.toThrow('search_terms');
    await sql`ALTER TABLE hidden RENAME TO search_terms`.execute(kysely);
    await waitUntil('the index is that far', async () => (await indexedBundles(kysely)) === 1);
  });

  it('looks at a window of bundles at a time, and says where the window ended', async () => {
    const { kysely } = parts.database;
    const random = seeded(3);
    const bundles = Array.from({ length: 60 }, () => [1n, 2n, 3n].filter(() => random(2) === 1));
    for (const [bundle, others] of bundles.entries()) await insertBundleTerms(kysely, bundle, { byPlace: [], others });
    // Somebody else was faster.
    await insertBundleTerms(kysely, 30, { byPlace: [], others: [9n] });
    expect(await indexedBundles(kysely)).toBe(60);
    for (const terms of [[1n], [1n, 2n], [3n, 2n, 1n], [9n, 1n]]) {
      for (const [limit, window] of [
        [1, 1],
        [2, 5],
        [7, 3],
        [16, 2_048],
      ] as const) {
        const found: number[] = [];
        for (let highest: number | undefined = 59; highest !== undefined && highest >= 0; ) {
          const page = await findBundles(kysely, { others: terms }, highest, limit, window);
          expect(page.bundles.length).toBeLessThanOrEqual(limit);
          found.push(...page.bundles.map(({ bundle }) => bundle));
          highest = page.lowest === undefined ? undefined : page.lowest - 1;
        }
        const all = [...bundles.keys()].filter((bundle) => terms.every((term) => bundles[bundle]!.includes(term)));
        expect(found, `${terms} by ${limit} in ${window}`).toEqual(all.reverse());
      }
    }
  });

  it('says which entries of a bundle have an action, so that a search reads these alone', async () => {
    const { kysely } = parts.database;
    const places = [undefined, 5n, 6n, 5n, undefined, 7n];
    await insertBundleTerms(kysely, 0, { byPlace: places, others: [1n, 6n] });
    // As bundles were stored before places were: a search reads all of it.
    await insertBundleTerms(kysely, 1, { byPlace: [], others: [5n, 1n] });
    const found = async (byPlace: bigint, others: readonly bigint[] = []) =>
      (await findBundles(kysely, { byPlace, others }, 1, 9, 9)).bundles;
    expect(await found(5n)).toEqual([
      { bundle: 1, places: undefined },
      { bundle: 0, places: [3, 1] },
    ]);
    expect(await found(7n, [1n])).toEqual([{ bundle: 0, places: [5] }]);
    expect(await found(8n)).toEqual([]);
    const { bundles } = await findBundles(kysely, { others: [1n] }, 0, 9, 9);
    expect(bundles).toEqual([{ bundle: 0, places: undefined }]);
  });

  it('has a search for an action read it, whatever else the log holds', async () => {
    const rare = { ...randomEntry(() => 1), statement: randomBytes(32) };
    await appendTogether(parts.sequencer, [...Array.from({ length: 100 }, rawSealed), rare]);
    await fill(parts, 411);
    await waitUntil('the index is that far', async () => (await indexedBundles(parts.database.kysely)) === 2);
    const read: [number, number][] = [];
    const { tree, search } = parts.log;
    const readable = tree.readableEntries.bind(tree);
    tree.readableEntries = (first, end) => {
      read.push([first, end]);
      return readable(first, end);
    };
    const { found, next } = await search.find({ intent: rare.facts.intent, limit: 5 });
    expect([found.map(({ index }) => index), next, read]).toEqual([[100], undefined, [[100, 101]]]);
  });

  it('is not stopped by bytes that are no entry', async () => {
    const odd = [Buffer.from([0]), Buffer.from('null'), canonicalBytes({ kind: 1, content: {} }), Buffer.alloc(65_535)];
    await appendTogether(parts.sequencer, odd.map(rawBytes));
    await fill(parts, 252);
    await waitUntil('the index is that far', async () => (await indexedBundles(parts.database.kysely)) === 1);
    expect(await parts.log.search.find({ limit: 20 })).toEqual({ found: [], next: undefined });
  });
});
