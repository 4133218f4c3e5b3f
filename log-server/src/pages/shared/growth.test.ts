import { utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { readGrowth } from './growth.ts';

describe('readGrowth', () => {
  const hash = `sha256:${'0a'.repeat(32)}`;
  const answer = { checkpoint: 'x', from_root: hash, to_root: hash, proof: [hash, hash] };

  it('reads an answer of the log', () => {
    expect(readGrowth(answer)).toEqual({
      checkpoint: 'x',
      fromRoot: new Uint8Array(32).fill(10),
      proof: [new Uint8Array(32).fill(10), new Uint8Array(32).fill(10)],
    });
  });

  it('takes nothing else for one', () => {
    for (const change of [
      { checkpoint: 1 },
      { from_root: utf8Encode('x') },
      { from_root: 'sha256:xx' },
      { proof: hash },
      { proof: [hash, 'x'] },
      { proof: Array.from({ length: 65 }, () => hash) },
    ]) {
      expect(readGrowth({ ...answer, ...change }), JSON.stringify(change)).toBe(undefined);
    }
    expect(readGrowth(null)).toBe(undefined);
  });
});
