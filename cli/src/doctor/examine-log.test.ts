import { createTestLog } from '@assent/test-support/receipts';
import { unwrap } from '@assent/test-support/results';
import { createTestWitness } from '@assent/test-support/witnesses';
import { parseLogPolicy, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { CommandFailure } from '../failure.ts';
import type { Pinned } from '../pinned.ts';
import { Examination } from './examination.ts';
import { type ExaminedLog, examineLog } from './examine-log.ts';

const log = createTestLog({ origin: 'log.example.com' });
const witness = createTestWitness({ name: 'w.example' });
const logPolicy = unwrap(parseLogPolicy(`log ${log.vkey}\nwitness W ${witness.vkey}\nquorum W\n`));
const pinned: Pinned = { logKeys: [log.vkey] };
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);

function logThat(answers: Partial<ExaminedLog> & { readonly clock?: Date; readonly signed?: Date } = {}): ExaminedLog {
  const { clock = new Date(), signed = new Date(), ...more } = answers;
  return {
    host: 'log.example.com',
    describe: async () => ({
      origin: log.origin,
      vkeys: [log.vkey],
      retired: [],
      date: clock.toUTCString(),
      timestamp: signed.toISOString(),
    }),
    ready: async () => undefined,
    checkpoint: async () => utf8Encode(log.checkpoint()),
    ...more,
  };
}

async function examine(client: ExaminedLog, pins = pinned): Promise<Readonly<Record<string, string>>> {
  const examination = new Examination();
  await examineLog(examination, client, pins);
  return Object.fromEntries(
    examination.findings.map(({ id, status, code }) => [id, code === undefined ? status : `${status} ${code}`]),
  );
}

const refuse = (kind: 'unreachable' | 'unavailable') => () => Promise.reject(new CommandFailure(kind, 'no'));

describe('examineLog', () => {
  it('has nothing against a log that is as it should be', async () => {
    const well = { log: 'pass', ready: 'pass', clock: 'pass', head: 'pass', checkpoint: 'pass' };
    expect(await examine(logThat())).toEqual(well);
    const alone = await examine(logThat(), { ...pinned, logPolicy });
    expect(alone).toEqual({ ...well, witnesses: 'skip' });
    const checkpoint = async () => utf8Encode(witness.append(log.checkpoint()));
    expect(await examine(logThat({ checkpoint }), { ...pinned, logPolicy })).toEqual({ ...well, witnesses: 'pass' });
  });

  it('says what is wrong, each by itself', async () => {
    expect(await examine(logThat({ describe: refuse('unreachable') }))).toEqual({
      log: 'fail unreachable',
      ready: 'skip',
      clock: 'skip',
      head: 'skip',
      checkpoint: 'skip',
    });
    expect(await examine(logThat({ ready: refuse('unavailable') }))).toMatchObject({
      ready: 'fail unavailable',
      head: 'pass',
    });
    for (const minutes of [3, -3]) {
      expect(await examine(logThat({ clock: ago(minutes) }))).toMatchObject({ clock: 'fail clock_off', head: 'pass' });
    }
    expect(await examine(logThat({ signed: ago(40) }))).toMatchObject({ clock: 'pass', head: 'fail unavailable' });
    // An old head is old by the log's clock, too, wherever ours stands.
    expect(await examine(logThat({ clock: ago(40), signed: ago(41) }))).toMatchObject({ head: 'pass' });
    const other = createTestLog({ origin: log.origin });
    expect(await examine(logThat(), { logKeys: [other.vkey] })).toMatchObject({ checkpoint: 'fail evidence_refused' });
    expect(await examine(logThat(), { logKeys: [] })).toMatchObject({ checkpoint: 'skip' });
  });

  it('skips what a log does not say', async () => {
    const describe = async () => ({ origin: log.origin, vkeys: [log.vkey], retired: [] });
    expect(await examine(logThat({ describe }))).toMatchObject({ clock: 'skip', head: 'skip', checkpoint: 'pass' });
  });

  it('lets bugs through', async () => {
    const ready = () => Promise.reject(new TypeError('oops'));
    await expect(examine(logThat({ ready }))).rejects.toThrow(TypeError);
  });
});
