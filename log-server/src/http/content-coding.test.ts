import { describe, expect, it } from 'vitest';
import { chooseCoding } from './content-coding.ts';

describe('chooseCoding', () => {
  it.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, deflate, br', 'gzip'],
    ['br', 'identity'],
    ['gzip;q=0', 'identity'],
    ['gzip;q=0.000', 'identity'],
    ['gzip;q=0.001', 'gzip'],
    ['gzip; q=0.5, identity; q=0.8', 'identity'],
    ['gzip;Q=0.8,identity;q=0.5', 'gzip'],
    ['identity;q=1, gzip;q=1', 'gzip'],
    ['*', 'gzip'],
    ['*;q=0', undefined],
    ['*;q=0, identity', 'identity'],
    ['*;q=0, gzip', 'gzip'],
    ['identity;q=0', 'gzip'],
    ['identity;q=0, gzip;q=0', undefined],
    ['identity;q=0, *', 'gzip'],
    ['br;q=1, *;q=0.5', 'gzip'],
    ['gzip;q=0, *;q=0.5', 'identity'],
    // What is malformed says nothing.
    ['gzip;q=2', 'identity'],
    ['gzip;q=0.0001', 'identity'],
    ['gzip;level=9', 'identity'],
    ['gzip deflate', 'identity'],
    [', ,gzip', 'gzip'],
  ] as const)('%s: %s', (header, coding) => {
    expect(chooseCoding(header)).toBe(coding);
  });
});
