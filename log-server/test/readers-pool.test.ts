import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApiKeyText } from '../src/api-key-text.ts';
import { ApiKeys } from '../src/api-keys.ts';
import { type Database, openDatabase } from '../src/database/connect.ts';
import { createApp } from '../src/http/app.ts';
import { silent } from './support/test-log.ts';
import {
  checkpointIn,
  createWitnessedHome,
  EVERYTHING,
  submission,
  type WitnessedHome,
} from './support/witnessed-log.ts';

const QUORUM = 'group one 1 A\nquorum one\n';

// Whoever appends must not wait for those who read, however many they are and whatever they ask.
describe('those who read a witnessed log', () => {
  let home: WitnessedHome;
  let reads: Database;
  let app: ReturnType<typeof createApp>;

  beforeAll(async () => {
    home = await createWitnessedHome(['A']);
    const witnesses = { policy: home.policyFile(QUORUM), intervalMs: 0 };
    const first = await home.open({ witnesses });
    for (let i = 0; i < 3; i++) await first.log.append(submission(), EVERYTHING);
    expect(await first.witnessing.waitFor(3, 10_000)).toBe(true);
    await first.close();
    reads = await openDatabase({ connectionString: home.testDatabase.url, max: 2 });
    // It has everything yet to read: nothing is remembered from appending it.
    const { log, database } = await home.open({ reads, witnesses });
    app = createApp({
      log,
      apiKeys: new ApiKeys(database),
      readerKeys: new ApiKeys(reads),
      health: {},
      logger: silent,
    });
    vi.spyOn(database.pool, 'connect').mockRejectedValue(new Error('a reader took a connection of those who append'));
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await home.remove();
    await reads.close();
  });

  it('get receipts against its first cosigned checkpoint on connections of their own', async () => {
    const response = await app.request('/api/v1/receipts/1');
    expect(response.status).toBe(200);
    expect(checkpointIn(await response.text()).signers).toContain('witness.test/A');
  });

  it('have a key that nobody knows looked up there', async () => {
    const response = await app.request('/api/v1/receipts/0', {
      headers: { authorization: `Bearer ${createApiKeyText()}` },
    });
    expect(await response.json()).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  it.each([
    '/api/v1/entries/0',
    '/api/v1/receipts/2?size=3',
    '/api/v1/proofs/inclusion?index=0&size=3',
    '/tile/0/000.p/3',
    '/tile/entries/000.p/3',
    '/ct/v1/get-entries?start=0&end=2',
    '/ct/v1/get-entry-and-proof?leaf_index=2&tree_size=3',
  ])('get %s there', async (path) => {
    expect((await app.request(path)).status).toBe(200);
  });
});
