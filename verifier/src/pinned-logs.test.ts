import { createTestWitness } from '@assent/test-support/witnesses';
import { describe, expect, it } from 'vitest';
import { bareKeyPolicy, parseLogPolicy } from './log-policy.ts';
import { pinLogs } from './pinned-logs.ts';
import { formatVkey } from './vkey.ts';

const key = (name: string, n: number) => formatVkey(name, new Uint8Array(32).fill(2, 0, 31).fill(n, 0, 1));
const A = key('log.example.com/a', 3);
const A_NEW = key('log.example.com/a', 4);
const B = key('log.example.com/b', 5);
const { vkey } = createTestWitness({ name: 'witness.example.com' });
const QUORUM = `witness w ${vkey}\nquorum w\n`;

/** Whose checkpoints are accepted, whose keys are known, and the quorum. */
function pinned(...args: Parameters<typeof pinLogs>) {
  const { logKeys, knownLogKeys, policy } = pinLogs(...args);
  const raw = (keys: typeof logKeys) => keys.map(({ name, publicKey }) => formatVkey(name, publicKey.raw));
  return { accepted: raw(logKeys), known: raw(knownLogKeys), quorum: policy.quorum };
}

describe('pinLogs', () => {
  it('takes bare keys, and then no witness is asked for', () => {
    expect(pinned()).toEqual({ accepted: [], known: [], quorum: 'none' });
    expect(pinned([A, B, A])).toEqual({ accepted: [A, B], known: [A, B], quorum: 'none' });
  });

  it('takes the logs of a policy, as text or parsed', () => {
    const text = `log ${A}\nlog ${B}\n${QUORUM}`;
    const parsed = parseLogPolicy(text);
    expect(pinned(undefined, text)).toEqual({ accepted: [A, B], known: [A, B], quorum: 'w' });
    expect(pinned([], text)).toEqual(pinned(undefined, text));
    expect(parsed.ok && pinned([], parsed.value)).toEqual(pinned([], text));
    expect(pinned([], bareKeyPolicy([A]))).toEqual({ accepted: [A], known: [A], quorum: 'none' });
  });

  it('takes the logs of a policy without logs from the keys', () => {
    expect(pinned([A], QUORUM)).toEqual({ accepted: [A], known: [A], quorum: 'w' });
    expect(pinned([], QUORUM)).toEqual({ accepted: [], known: [], quorum: 'w' });
  });

  it('narrows a policy to the keys, and still knows the others', () => {
    const text = `log ${A}\nlog ${A_NEW}\nlog ${B}\n${QUORUM}`;
    const { accepted, known } = pinned([A_NEW], text);
    expect(accepted).toEqual([A_NEW]);
    expect(new Set(known)).toEqual(new Set([A, A_NEW, B]));
  });

  it('throws where key and policy contradict each other', () => {
    expect(() => pinLogs([B], `log ${A}\n${QUORUM}`)).toThrow(/^logKeys: logPolicy lists logs, and not/);
    expect(() => pinLogs([A, B], `log ${A}\n${QUORUM}`)).toThrow(TypeError);
    // The same key under another name is another log.
    expect(() => pinLogs([key('log.example.com/z', 3)], `log ${A}\n${QUORUM}`)).toThrow(TypeError);
  });

  it('throws for what is no key or no policy, and says where', () => {
    expect(() => pinLogs(['x'])).toThrow(/^logKeys\[0\]: vkey/);
    expect(() => pinLogs([A], `log ${A}\nquorum w\n`)).toThrow(/^logPolicy: line 2: no "w" stands above/);
    expect(() => pinLogs([A], '')).toThrow(TypeError);
    for (const none of [null, 0, {}, [], { logs: null }]) {
      expect(() => pinLogs([], none as unknown as string)).toThrow(/^logPolicy: neither text nor/);
    }
  });
});
