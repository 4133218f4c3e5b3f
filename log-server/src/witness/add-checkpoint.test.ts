import { describe, expect, it } from 'vitest';
import { conflictSize, formatAddCheckpoint } from './add-checkpoint.ts';

const answer = (text: string, contentType = 'text/x.tlog.size') => ({ status: 409, contentType, text });

describe('add-checkpoint', () => {
  it('is written as in the specification', () => {
    const checkpoint = 'example.com/behind-the-sofa\n2\nAAAA\n\n— example.com/behind-the-sofa AAAA\n';
    expect(formatAddCheckpoint(1, [new Uint8Array(32)], checkpoint)).toBe(`old 1\n${'A'.repeat(43)}=\n\n${checkpoint}`);
    expect(formatAddCheckpoint(0, [], checkpoint)).toBe(`old 0\n\n${checkpoint}`);
    expect(() => formatAddCheckpoint(1, Array(64).fill(new Uint8Array(32)), checkpoint)).toThrow(RangeError);
  });

  it('reads the size of a 409 strictly', () => {
    expect(conflictSize(answer('20852014\n'))).toBe(20_852_014);
    expect(conflictSize(answer('0\n'))).toBe(0);
    for (const text of ['', '\n', '1', '01\n', '+1\n', '-1\n', '1 \n', '1\n\n', '1e3\n', '9007199254740992\n']) {
      expect(conflictSize(answer(text)), JSON.stringify(text)).toBeUndefined();
    }
    expect(conflictSize(answer('1\n', 'text/plain'))).toBeUndefined();
  });
});
