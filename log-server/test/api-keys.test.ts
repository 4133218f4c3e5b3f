import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiKeyText, parseApiKeyText } from '../src/api-key-text.ts';
import { API_KEY_CACHE_MS, ApiKeys } from '../src/api-keys.ts';
import { type Database, openDatabase } from '../src/database/connect.ts';
import { ensureFirstApiKey } from '../src/first-api-key.ts';
import { type ApiKeyTerms, insertApiKey, listApiKeys, revokeApiKey } from '../src/store/api-keys.ts';

let test: TestDatabase;
let database: Database;
let now: number;
let apiKeys: ApiKeys;

beforeAll(async () => {
  test = await createTestDatabase();
  database = await openDatabase({ connectionString: test.url });
});

beforeEach(async () => {
  await database.pool.query('truncate api_keys');
  now = 0;
  apiKeys = new ApiKeys(database, { now: () => now });
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

async function addKey(services = ['a.example']): Promise<{ text: string; id: string }> {
  const text = createApiKeyText();
  const parsed = parseApiKeyText(text)!;
  expect(await insertApiKey(database, { ...parsed, name: 'test', services, createdAt: 1 })).toBe(true);
  return { text, id: parsed.id };
}

/** The text with its last character changed so that other bits of the secret change. */
function withOtherSecret(text: string): string {
  return text.slice(0, -3) + (text.at(-3) === 'A' ? 'B' : 'A') + text.slice(-2);
}

const unauthenticated = expect.objectContaining({ code: 'unauthenticated' });

describe('the table of keys', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const add = (terms: Partial<ApiKeyTerms>) =>
    insertApiKey(database, {
      ...parseApiKeyText(createApiKeyText())!,
      name: 'x',
      services: [],
      createdAt: 1,
      ...terms,
    });

  it.each<Partial<ApiKeyTerms>>([
    { boundaries: [digest] },
    { trustRoots: [digest] },
    { foreign: true },
    { blind: true },
  ])('takes a key without a service that has %j', async (terms) => {
    expect(await add(terms)).toBe(true);
    expect(await listApiKeys(database)).toMatchObject([{ services: [], ...terms }]);
  });

  it('takes none that may append nothing', async () => {
    await expect(add({ defaultVisibility: 'sealed' })).rejects.toThrow('api_keys_may_append_something');
  });
});

describe('ApiKeys.authenticate', () => {
  it('tells whose key it is and what it may append', async () => {
    const { text, id } = await addKey(['a.example', 'b.example']);
    const services = ['a.example', 'b.example'];
    const rights = {
      id,
      name: 'test',
      rate: null,
      rights: {
        keyId: id,
        services,
        boundaries: [],
        trustRoots: [],
        foreign: false,
        blind: false,
        defaultVisibility: 'open',
      },
    };
    expect(await apiKeys.authenticate(`Bearer ${text}`)).toEqual(rights);
    expect(await apiKeys.authenticate(`bearer  ${text} `)).toEqual(rights);
  });

  it('stores no part of the secret', async () => {
    const { text } = await addKey();
    const { rows } = await database.pool.query('select row_to_json(api_keys)::text as row from api_keys');
    expect(rows[0].row).not.toContain(text.slice('assent_01234567_'.length));
    expect(rows[0].row).not.toContain(Buffer.from(text).toString('hex'));
  });

  it('refuses another secret under the same id, and goes on accepting the right one', async () => {
    const { text } = await addKey();
    await expect(apiKeys.authenticate(`Bearer ${withOtherSecret(text)}`)).rejects.toEqual(unauthenticated);
    await expect(apiKeys.authenticate(`Bearer ${text}`)).resolves.toBeDefined();
    await expect(apiKeys.authenticate(`Bearer ${withOtherSecret(text)}`)).rejects.toEqual(unauthenticated);
  });

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['another scheme', 'Basic YTpi'],
    ['no key', 'Bearer '],
    ['something else than a key', 'Bearer secret'],
    ['a key without its prefix', `Bearer 01234567_${'A'.repeat(43)}`],
    ['a key that is too short', `Bearer assent_01234567_${'A'.repeat(42)}`],
    ['a key that is too long', `Bearer assent_01234567_${'A'.repeat(44)}`],
    ['an id in capitals', `Bearer assent_0123ABCD_${'A'.repeat(43)}`],
    ['two keys', `Bearer assent_01234567_${'A'.repeat(43)} assent_01234567_${'A'.repeat(43)}`],
    ['an unknown key', `Bearer assent_01234567_${'A'.repeat(43)}`],
  ])('refuses %s', async (_, header) => {
    await expect(apiKeys.authenticate(header)).rejects.toEqual(unauthenticated);
  });

  it('never repeats the key in an error', async () => {
    const text = createApiKeyText();
    const error = await apiKeys.authenticate(`Bearer ${text}`).catch((reason: unknown) => reason);
    expect(String(error)).not.toContain(text.slice(16));
  });

  it('lets a revocation take effect within the time that look-ups are believed, and not before it must', async () => {
    const { text, id } = await addKey();
    await apiKeys.authenticate(`Bearer ${text}`);
    await revokeApiKey(database, id, 5);
    now = API_KEY_CACHE_MS - 1;
    await expect(apiKeys.authenticate(`Bearer ${text}`)).resolves.toBeDefined();
    now = API_KEY_CACHE_MS;
    await expect(apiKeys.authenticate(`Bearer ${text}`)).rejects.toEqual(unauthenticated);
  });

  it('learns of a new key that it did not know a moment before', async () => {
    const text = createApiKeyText();
    await expect(apiKeys.authenticate(`Bearer ${text}`)).rejects.toEqual(unauthenticated);
    await insertApiKey(database, { ...parseApiKeyText(text)!, name: 'late', services: ['*'], createdAt: 1 });
    now = API_KEY_CACHE_MS;
    await expect(apiKeys.authenticate(`Bearer ${text}`)).resolves.toMatchObject({ name: 'late' });
  });

  it('asks the database once for many requests, known or unknown', async () => {
    const { text } = await addKey();
    let queries = 0;
    const count = () => {
      queries += 1;
    };
    database.pool.on('acquire', count);
    const stranger = `Bearer assent_01234567_${'A'.repeat(43)}`;
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        await apiKeys.authenticate(`Bearer ${text}`);
        await expect(apiKeys.authenticate(stranger)).rejects.toEqual(unauthenticated);
      }),
    );
    database.pool.off('acquire', count);
    expect(queries).toBe(2);
  });

  it('says that it cannot tell when the database is away, and recovers', async () => {
    const { text } = await addKey();
    await database.pool.query('alter table api_keys rename to elsewhere');
    await expect(apiKeys.authenticate(`Bearer ${text}`)).rejects.toMatchObject({ code: 'not_durable' });
    await database.pool.query('alter table elsewhere rename to api_keys');
    await expect(apiKeys.authenticate(`Bearer ${text}`)).resolves.toBeDefined();
  });
});

describe('the store of API keys', () => {
  it('refuses a second key under one id', async () => {
    const { id } = await addKey();
    const again = { id, hash: new Uint8Array(32), name: 'again', services: ['*'], createdAt: 2 };
    expect(await insertApiKey(database, again)).toBe(false);
    expect(await listApiKeys(database)).toMatchObject([{ id, name: 'test' }]);
  });

  it('keeps the time of the first revocation, and says when there is no such key', async () => {
    const { id } = await addKey();
    expect(await revokeApiKey(database, id, 5)).toMatchObject({ revokedAt: null });
    expect(await revokeApiKey(database, id, 9)).toMatchObject({ revokedAt: 5 });
    expect(await listApiKeys(database)).toMatchObject([{ id, revokedAt: 5 }]);
    expect(await revokeApiKey(database, 'ffffffff', 9)).toBeUndefined();
  });
});

describe('ensureFirstApiKey', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'assent-first-'));
  });

  afterEach(() => {
    rmSync(dataDir, { recursive: true });
  });

  const ensure = (given?: string) => ensureFirstApiKey(database, { dataDir, given, services: ['*'] });

  it('makes a key once, keeps it for its owner alone, and it works', async () => {
    const first = await ensure();
    const file = path.join(dataDir, 'first-api-key');
    expect(first?.file).toBe(file);
    expect(readFileSync(file, 'utf8')).toBe(`${first?.text}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await apiKeys.authenticate(`Bearer ${first?.text}`)).toMatchObject({
      rights: { services: ['*'], boundaries: ['*'] },
    });
    expect(await ensure()).toBeUndefined();
  });

  it('gives it no boundary where it may not append for every service', async () => {
    const first = await ensureFirstApiKey(database, { dataDir, given: undefined, services: ['a.example'] });
    expect(await apiKeys.authenticate(`Bearer ${first?.text}`)).toMatchObject({
      rights: { services: ['a.example'], boundaries: [] },
    });
  });

  it("takes the operator's key, and keeps no copy of it", async () => {
    const given = createApiKeyText();
    expect(await ensure(given)).toEqual({ text: given, file: undefined });
    expect(() => statSync(path.join(dataDir, 'first-api-key'))).toThrow('ENOENT');
    await expect(apiKeys.authenticate(`Bearer ${given}`)).resolves.toBeDefined();
  });

  it('makes one when several processes start together', async () => {
    const made = await Promise.all([ensure(), ensure(), ensure(), ensure()]);
    expect(made.filter((key) => key !== undefined)).toHaveLength(1);
    expect(await listApiKeys(database)).toHaveLength(1);
  });

  it('makes none where the only key was revoked', async () => {
    const { id } = await addKey();
    await revokeApiKey(database, id, 5);
    expect(await ensure()).toBeUndefined();
  });

  it('uses the key of a start that crashed before the database knew it', async () => {
    const kept = createApiKeyText();
    writeFileSync(path.join(dataDir, 'first-api-key'), `${kept}\n`, { mode: 0o600 });
    expect((await ensure())?.text).toBe(kept);
    await expect(apiKeys.authenticate(`Bearer ${kept}`)).resolves.toBeDefined();
  });

  it('refuses a kept file that holds something else', async () => {
    writeFileSync(path.join(dataDir, 'first-api-key'), 'secret', { mode: 0o600 });
    await expect(ensure()).rejects.toThrow('does not hold an API key');
    expect(await listApiKeys(database)).toEqual([]);
  });
});
