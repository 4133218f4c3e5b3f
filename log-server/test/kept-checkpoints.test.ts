import { createTestLog } from '@assent/test-support';
import { unwrap } from '@assent/test-support/results';
import { createTestWitness } from '@assent/test-support/witnesses';
import { parseLogPolicy, parseNote } from '@assent/verifier';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Schema } from '../src/database/schema.ts';
import { nativePrimitives } from '../src/native-primitives.ts';
import { KeptCheckpoints } from '../src/witness/kept-checkpoints.ts';
import { createLogHome, ORIGIN, silent, type TestLogHome } from './support/test-log.ts';

describe('KeptCheckpoints', () => {
  let home: TestLogHome;
  beforeAll(async () => {
    home = await createLogHome();
  });
  afterAll(() => home.remove());

  const open = async (kysely: Kysely<Schema>, policy: string): Promise<KeptCheckpoints> => {
    const parsed = unwrap(parseLogPolicy(policy));
    const logKey = parsed.logs[0]!.key;
    const kept = new KeptCheckpoints({
      kysely,
      policy: parsed,
      policyDigest: new Uint8Array(32),
      logKeys: { active: () => [logKey], known: () => [logKey] },
      primitives: nativePrimitives,
      logger: silent,
      now: Date.now,
    });
    await kept.load();
    return kept;
  };

  it('keeps every cosignature that comes late, from this process and from others, whatever order they meet in', async () => {
    const { database } = await home.open();
    const log = createTestLog({ origin: ORIGIN });
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => createTestWitness({ name: `witness.test/${name}` }));
    const witnesses = [a!, b!, c!, d!];
    const names = witnesses.map((_, i) => `w${i}`);
    const policy = `log ${log.vkey}\n${witnesses.map(({ vkey }, i) => `witness w${i} ${vkey}\n`).join('')}group two 2 ${names.join(' ')}\nquorum two\n`;
    log.append({ content: { a: 1 } });
    const checkpoint = log.checkpoint();
    const first = await open(database.kysely, policy);
    await first.keep(1, b!.append(a!.append(checkpoint)));
    const second = await open(database.kysely, policy);
    await Promise.all([first.complete(1, c!.cosign(checkpoint)), second.complete(1, d!.cosign(checkpoint))]);
    const stored = (await open(database.kysely, policy)).newest?.checkpoint ?? '';
    const note = parseNote(stored);
    expect(note.ok && note.value.signatures.map(({ name }) => name).sort()).toEqual(
      [ORIGIN, ...witnesses.map(({ name }) => name)].sort(),
    );
  });

  it('lets a damaged row hide neither the ones behind it nor, at a start, the one before it', async () => {
    const { database } = await home.open();
    const { kysely } = database;
    await kysely.deleteFrom('cosigned').execute();
    const log = createTestLog({ origin: ORIGIN });
    const witness = createTestWitness({ name: 'witness.test/one' });
    const policy = `log ${log.vkey}\nwitness w ${witness.vkey}\nquorum w\n`;
    const kept = await open(kysely, policy);
    const checkpoints = new Map<number, string>();
    for (let size = 1; size <= 8; size++) {
      log.append({ content: { size } });
      const checkpoint = witness.append(log.checkpoint());
      checkpoints.set(size, checkpoint);
      await kept.keep(size, checkpoint);
    }
    const damage = (...sizes: number[]) =>
      kysely
        .updateTable('cosigned')
        .set({ checkpoint: sql<string>`'X' || checkpoint` })
        .where('size', 'in', sizes)
        .execute();
    await damage(4, 5);
    const restarted = await open(kysely, policy);
    for (const [index, size] of [
      [2, 3],
      [3, 6],
      [4, 6],
      [5, 6],
    ] as const) {
      expect(await restarted.first(index)).toMatchObject({ size, checkpoint: checkpoints.get(size) });
    }
    await damage(8);
    expect((await open(kysely, policy)).newest).toMatchObject({ size: 7, checkpoint: checkpoints.get(7) });
    await damage(1, 2, 3, 6, 7);
    const all = await open(kysely, policy);
    expect([all.newest, await all.first(0), await all.first(7)]).toEqual([undefined, undefined, undefined]);
  });
});
