/**
 * Records are found by the first eight bytes of a hash, and 64 bits can be made to collide. So a hit of the prefix is a hint, and the
 * whole hash decides: else whoever finds a collision could take somebody else's place in the log.
 */
import { createApproval, createServiceKey } from '@assent/test-support';
import { leafHash } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLeaf, findRecord } from '../src/store/entries.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';
import { ORIGIN } from './support/test-log.ts';

describe('a hash of which the first eight bytes are those of a stored one', () => {
  let test: TestApp;

  beforeAll(async () => {
    test = await createTestApp();
  });
  afterAll(() => test.remove());

  /** The same prefix, and nothing else. */
  function collision(hash: Uint8Array): Uint8Array {
    return hash.map((byte, index) => (index < 8 ? byte : byte ^ 0xff));
  }

  it('finds neither leaf nor statement nor identity', async () => {
    const { kysely } = test.database;
    const { envelope } = createApproval({ origin: ORIGIN, serviceKey: createServiceKey() });
    expect((await test.post({ kind: 'approval', content: envelope })).status).toBe(201);
    const leaf = leafHash(await test.log.entry(0));
    expect(await findLeaf(kysely, leaf)).toBe(0);
    expect(await findLeaf(kysely, collision(leaf))).toBeUndefined();
    const row = await kysely.selectFrom('records').select(['statement', 'identity']).executeTakeFirstOrThrow();
    for (const by of ['statement', 'identity'] as const) {
      const digest = new Uint8Array(row[by]);
      expect(await findRecord(kysely, by, digest)).toMatchObject({ index: 0 });
      expect(await findRecord(kysely, by, collision(digest))).toBeUndefined();
    }
  });
});
