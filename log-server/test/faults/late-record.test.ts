import { randomBytes } from 'node:crypto';
import { utf8Encode } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PendingRecord } from '../../src/sequencer/sequencer.ts';
import { createLogHome, type TestLogHome } from '../support/test-log.ts';

const record = (): PendingRecord => ({
  statement: new Uint8Array(randomBytes(32)),
  identity: new Uint8Array(randomBytes(32)),
  bytes: 100,
  apiKey: null,
  format: (loggedAt) => utf8Encode(`an entry of ${loggedAt}`),
});

describe('a record that comes while the sequencer is about to rest', () => {
  let home: TestLogHome;
  beforeAll(async () => {
    home = await createLogHome();
  });
  afterAll(() => home.remove());

  it('is stored, in whichever turn of the microtask queue it comes', async () => {
    const { sequencer, close } = await home.open();
    for (let turns = 0; turns < 12; turns++) {
      await sequencer.append(record());
      for (let turn = 0; turn < turns; turn++) await undefined;
      const late = sequencer.append(record());
      let timer: NodeJS.Timeout | undefined;
      const forgotten = new Promise((resolve) => {
        timer = setTimeout(resolve, 30_000, `forgotten after ${turns} turns`);
      });
      expect(await Promise.race([late, forgotten])).toHaveProperty('index');
      clearTimeout(timer);
    }
    await close();
  });
});
