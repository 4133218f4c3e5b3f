import { createTestLog } from '@assent/test-support';
import { formatCheckpoint, formatNote, formatSignatureLine, parseVkey, utf8Encode } from '@assent/verifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ORIGIN } from './support/test-log.ts';
import {
  createWitnessedHome,
  EVERYTHING,
  eventually,
  recordEvents,
  submission,
  type WitnessedHome,
} from './support/witnessed-log.ts';

const ROOT = new Uint8Array(32).fill(7);

describe('a witness that holds a checkpoint which does not fit', () => {
  let home: WitnessedHome;
  beforeEach(async () => {
    home = await createWitnessedHome(['W']);
  });
  afterEach(() => home.remove());

  const open = (events = recordEvents()) =>
    home.open({ witnesses: { policy: home.policyFile('quorum W\n'), intervalMs: 0, events } });

  /** What only this log's key can make. */
  const signAsTheLog = async (size: number): Promise<string> => {
    const text = formatCheckpoint({ origin: ORIGIN, size, root: ROOT });
    const key = parseVkey(home.vkey);
    if (!key.ok) throw new TypeError(key.detail);
    return formatNote(text, [formatSignatureLine(ORIGIN, key.value.keyId, await home.signer.sign(utf8Encode(text)))]);
  };

  const stopped = (log: { readonly stopReason: string | undefined }) =>
    eventually('the log stopped', () => log.stopReason);

  it('stops the log at its start, if this log signed it and it is inconsistent', async () => {
    const before = await home.open();
    for (let i = 0; i < 3; i++) await before.log.append(submission(), EVERYTHING);
    await before.close();
    home.witnesses.W!.state.adopt(await signAsTheLog(2));
    const { log } = await open();
    const reason = await stopped(log);
    expect(reason).toContain('the witness W holds a checkpoint of size 2');
    expect(reason).toContain('two histories were signed');
    await expect(log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'read_only' });
    await expect(log.head()).rejects.toMatchObject({ code: 'read_only' });
    // What was covered by the last good head is still proved.
    expect(await log.receipt('0')).toContain('assent/receipt/v1');
  });

  it('stops the log while it runs, if this log signed it and it is larger than all that there is', async () => {
    const { log } = await open();
    await log.append(submission(), EVERYTHING);
    await eventually('it was cosigned', () => home.witnesses.W!.state.sizeOf(ORIGIN) === 1);
    home.witnesses.W!.state.adopt(await signAsTheLog(9));
    await log.append(submission(), EVERYTHING);
    expect(await stopped(log)).toContain('of size 9');
  });

  it('stops every process of the log, and does so again after a restart, with the witness gone', async () => {
    const first = await open();
    const second = await open();
    await first.log.append(submission(), EVERYTHING);
    await eventually('it was cosigned', () => home.witnesses.W!.state.sizeOf(ORIGIN) === 1);
    home.witnesses.W!.state.adopt(await signAsTheLog(9));
    await first.log.append(submission(), EVERYTHING);
    await stopped(first.log);
    expect(await stopped(second.log)).toContain('of size 9');
    await first.close();
    await second.close();
    home.witnesses.W!.monitored = false;
    expect((await open()).log.stopReason).toContain('of size 9');
    const { log, publisher } = await home.open();
    expect(log.stopReason).toContain('of size 9');
    // Not even once: what is known is judged before anything is signed.
    expect(publisher.current).toBeUndefined();
  });

  it.each<[string, () => string]>([
    [
      'is signed by another key under our name',
      () => createTestLog({ origin: ORIGIN }).signNote(formatCheckpoint({ origin: ORIGIN, size: 9, root: ROOT })),
    ],
    ['is of another log', () => createTestLog({ origin: 'other.test' }).checkpoint()],
  ])('stops nothing when it %s', async (_, note) => {
    const events = recordEvents();
    const { log } = await open(events);
    await log.append(submission(), EVERYTHING);
    await eventually('it was cosigned', () => home.witnesses.W!.state.sizeOf(ORIGIN) === 1);
    // It answers 409 with size 9 from now on, and shows this to whoever asks.
    home.witnesses.W!.state.adopt(await signAsTheLog(9));
    home.witnesses.W!.shown = note();
    await log.append(submission(), EVERYTHING);
    expect(await eventually('it was counted', () => events.failed[0])).toEqual({ name: 'W', reason: 'conflict' });
    await log.append(submission(), EVERYTHING);
    expect(log.stopReason).toBeUndefined();
  });

  it('stops nothing when it shows nothing', async () => {
    home.witnesses.W!.monitored = false;
    const events = recordEvents();
    const { log } = await open(events);
    home.witnesses.W!.state.adopt(await signAsTheLog(9));
    await log.append(submission(), EVERYTHING);
    expect(await eventually('it was counted', () => events.failed[0])).toEqual({ name: 'W', reason: 'conflict' });
    await log.append(submission(), EVERYTHING);
    expect(log.stopReason).toBeUndefined();
  });

  it('stops nothing when it is an older one of our own', async () => {
    const { log } = await open();
    await log.append(submission(), EVERYTHING);
    const { checkpoint } = await log.head();
    await eventually('it was cosigned', () => home.witnesses.W!.state.sizeOf(ORIGIN) === 1);
    home.witnesses.W!.state.adopt(checkpoint);
    await log.append(submission(), EVERYTHING);
    await eventually('it cosigned on', () => home.witnesses.W!.state.sizeOf(ORIGIN) === 2);
    expect(log.stopReason).toBeUndefined();
  });
});
