import { describe, expect, it } from 'vitest';
import { parseDecimal } from './decimal.ts';

describe('parseDecimal', () => {
  it.each([0, 1, 9, 10, 1207, 2 ** 32, 2 ** 53 - 1])('takes %d', (value) => {
    expect(parseDecimal(String(value))).toEqual({ ok: true, value });
  });

  // biome-ignore format: one list
  it.each([
    '', '-1', '+1', '-0', '00', '01', ' 1', '1 ', '1\n', '1.0', '1e3', '0x10', '1_000', '1,000', '٣', 'NaN', 'Infinity',
    '9007199254740992', '9007199254740993', '18446744073709551615', '1'.repeat(10_000),
  ])('refuses %j', (text) => {
    expect(parseDecimal(text)).toMatchObject({ ok: false, code: 'bad_value' });
  });
});
