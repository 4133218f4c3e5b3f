import { createApproval, createServiceKey } from '@assent/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/connect.ts';
import type { Log } from '../src/log.ts';
import { findAppended, findAppenders } from '../src/store/appended-by.ts';
import { createLogHome, ORIGIN, type TestLogHome } from './support/test-log.ts';

describe('the record of which key appended which entry', () => {
  const serviceKey = createServiceKey();
  let home: TestLogHome;
  let log: Log;
  let database: Database;
  beforeAll(async () => {
    home = await createLogHome();
    ({ log, database } = await home.open());
    const append = async (rights: { keyId?: string }, count: number): Promise<void> => {
      const submissions = Array.from({ length: count }, () => ({
        kind: 'approval',
        content: createApproval({ origin: ORIGIN, serviceKey }).envelope,
      }));
      await Promise.all(submissions.map((submission) => log.append(submission, { services: ['*'], ...rights })));
    };
    await append({ keyId: '00000001' }, 2);
    await append({ keyId: 'ffffffff' }, 1);
    await append({}, 1);
    await append({ keyId: '80000000' }, 1);
    await append({ keyId: '00000001' }, 3);
  });
  afterAll(() => home.remove());

  it('names the key of each entry, over the whole range of ids, and none for what the server appended itself', async () => {
    expect(await findAppenders(database.kysely, [7, 0, 2, 3, 4, 99])).toEqual([
      { index: 0, keyId: '00000001' },
      { index: 2, keyId: 'ffffffff' },
      { index: 3, keyId: null },
      { index: 4, keyId: '80000000' },
      { index: 7, keyId: '00000001' },
    ]);
  });

  it.each([1_000_000, 6, 1])('lists what a key appended as runs of indexes, %i rows at a time', async (page) => {
    expect(await findAppended(database.kysely, '00000001', page)).toEqual([
      { first: 0, last: 1 },
      { first: 5, last: 7 },
    ]);
    expect(await findAppended(database.kysely, 'ffffffff')).toEqual([{ first: 2, last: 2 }]);
    expect(await findAppended(database.kysely, '00000002')).toEqual([]);
  });

  it('keeps the first key when another one sends the same again', async () => {
    const submission = { kind: 'approval', content: createApproval({ origin: ORIGIN, serviceKey }).envelope };
    const { index } = await log.append(submission, { services: ['*'], keyId: '0000000a' });
    expect(await log.append(submission, { services: ['*'], keyId: '0000000b' })).toMatchObject({
      created: false,
      index,
    });
    expect(await findAppenders(database.kysely, [index])).toEqual([{ index, keyId: '0000000a' }]);
  });
});
