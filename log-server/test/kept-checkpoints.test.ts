import { createTestLog } from '@assent/test-support';
import { unwrap } from '@assent/test-support/results';
import { createTestWitness } from '@assent/test-support/witnesses';
import { parseLogPolicy, parseNote, parseVkey } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativePrimitives } from '../src/native-primitives.ts';
import { KeptCheckpoints } from '../src/witness/kept-checkpoints.ts';
import { createLogHome, ORIGIN, silent, type TestLogHome } from './support/test-log.ts';

describe('KeptCheckpoints', () => {
  let home: TestLogHome;
  beforeAll(async () => {
    home = await createLogHome();
  });
  afterAll(() => home.remove());

  it('keeps every cosignature that comes late, from this process and from others, whatever order they meet in', async () => {
    const { database } = await home.open();
    const log = createTestLog({ origin: ORIGIN });
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => createTestWitness({ name: `witness.test/${name}` }));
    const witnesses = [a!, b!, c!, d!];
    const names = witnesses.map((_, i) => `w${i}`);
    const policy = unwrap(
      parseLogPolicy(
        `log ${log.vkey}\n${witnesses.map(({ vkey }, i) => `witness w${i} ${vkey}\n`).join('')}group two 2 ${names.join(' ')}\nquorum two\n`,
      ),
    );
    const logKey = unwrap(parseVkey(log.vkey));
    const open = async (): Promise<KeptCheckpoints> => {
      const kept = new KeptCheckpoints({
        kysely: database.kysely,
        policy,
        policyDigest: new Uint8Array(32),
        logKeys: { active: () => [logKey], known: () => [logKey] },
        primitives: nativePrimitives,
        logger: silent,
        now: Date.now,
      });
      await kept.load();
      return kept;
    };
    log.append({ content: { a: 1 } });
    const checkpoint = log.checkpoint();
    const first = await open();
    await first.keep(1, b!.append(a!.append(checkpoint)));
    const second = await open();
    await Promise.all([first.complete(1, c!.cosign(checkpoint)), second.complete(1, d!.cosign(checkpoint))]);
    const stored = (await open()).newest?.checkpoint ?? '';
    const note = parseNote(stored);
    expect(note.ok && note.value.signatures.map(({ name }) => name).sort()).toEqual(
      [ORIGIN, ...witnesses.map(({ name }) => name)].sort(),
    );
  });
});
