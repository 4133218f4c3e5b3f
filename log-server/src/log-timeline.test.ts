import { describe, expect, it } from 'vitest';
import { checkHeldKeys } from './check-held-keys.ts';
import { activeKeys, isKnownKey, type LogChange, LogTimeline } from './log-timeline.ts';
import { WrongLog } from './store/wrong-log.ts';

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const [first, second, third] = [key(1), key(2), key(3)];

const CHANGES: readonly LogChange[] = [
  { seq: 5, at: 50, kind: 'rotate-start', publicKey: second },
  { seq: 9, at: 90, kind: 'rotate-finish' },
  { seq: 12, at: 120, kind: 'rotate-start', publicKey: third },
  { seq: 14, at: 140, kind: 'rotate-cancel' },
  { seq: 20, at: 200, kind: 'close', successor: 'next', reason: undefined },
];

describe('LogTimeline', () => {
  const timeline = new LogTimeline(first, CHANGES);

  it.each<[number, Uint8Array[]]>([
    [0, [first]],
    [4, [first]],
    [5, [first, second]],
    [8, [first, second]],
    [9, [second]],
    [12, [second, third]],
    [14, [second]],
    [21, [second]],
  ])('has head %i signed by the keys that were active at it', (seq, keys) => {
    expect(activeKeys(timeline.at(seq))).toEqual(keys);
  });

  it.each([
    [4, -1],
    [5, 5],
    [13, 12],
    [99, 20],
  ])('tells which change holds at head %i', (seq, change) => {
    expect(timeline.changeAt(seq)).toBe(change);
  });

  it('knows who signed once and does no more, and where the log ends', () => {
    expect(timeline.at().retired).toEqual([
      { publicKey: first, at: 90 },
      { publicKey: third, at: 140 },
    ]);
    expect(timeline.at(13).successor).toEqual({ publicKey: third, seq: 12, at: 120 });
    expect(timeline.at(19).closed).toBeUndefined();
    expect(timeline.at(20).closed).toEqual({ seq: 20, at: 200, successor: 'next', reason: undefined });
    expect([first, second, third, key(4)].map((each) => isKnownKey(timeline.at(), each))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('learns newer changes, and never forgets any for an older list that was read late', () => {
    const learning = new LogTimeline(first);
    expect(learning.lastChange).toBe(-1);
    learning.learn(CHANGES.slice(0, 2));
    learning.learn(CHANGES.slice(0, 1));
    learning.learn([]);
    expect(learning.lastChange).toBe(9);
    expect(activeKeys(learning.at())).toEqual([second]);
  });

  it('takes a finish or cancellation without a rotation for nothing', () => {
    const odd = new LogTimeline(first, [
      { seq: 1, at: 1, kind: 'rotate-finish' },
      { seq: 2, at: 2, kind: 'rotate-cancel' },
    ]);
    expect(odd.at()).toEqual({ current: first, successor: undefined, retired: [], closed: undefined });
  });
});

describe('checkHeldKeys', () => {
  const timeline = new LogTimeline(first, CHANGES);
  const check = (seq: number, held: Uint8Array[]) => () =>
    checkHeldKeys(timeline.at(seq), held, (publicKey) => `vkey-${publicKey[0]}`);

  it.each<[string, number, Uint8Array[]]>([
    ['the one key', 0, [first]],
    ['both keys in either order', 5, [second, first]],
    ['the next key before its time', 4, [first, second]],
    ['the new key beside the retired one', 9, [first, second]],
  ])('passes %s', (_, seq, held) => {
    expect(check(seq, held)).not.toThrow();
  });

  it.each<[string, number, Uint8Array[], string]>([
    ['a stranger', 0, [third], 'signs with another key'],
    ['the older of two', 5, [first], 'vkey-2 too'],
    ['the newer of two', 5, [second], 'vkey-1 too'],
    ['a retired one', 9, [first], 'vkey-1 was retired on 1970-01-01T00:00:00.090Z. This log signs with vkey-2 now'],
  ])('refuses %s and says which file is needed', (_, seq, held, message) => {
    expect(check(seq, held)).toThrow(WrongLog);
    expect(check(seq, held)).toThrow(message);
  });
});
