import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPosition, parsePosition } from './event-position.ts';

describe('event positions', () => {
  it('are read back as they were written', () => {
    const positions = fc.record({ entries: fc.maxSafeNat(), headTime: fc.maxSafeNat() }, { requiredKeys: ['entries'] });
    fc.assert(
      fc.property(positions, (position) => {
        expect(parsePosition(formatPosition(position))).toEqual(position);
      }),
    );
  });

  it.each(['', '@', '1@', '@1', '1@2@3', '01', '-1', '1.0', '1@01', ' 1', '1 ', '9007199254740992', 'x'])(
    '%j is none',
    (text) => {
      expect(parsePosition(text)).toBeUndefined();
    },
  );
});
