import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { durationText, progressLine, progressText } from './audit-progress.ts';

function terminal() {
  const written: string[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY: true }) as unknown as NodeJS.WriteStream;
  stream.write = ((text: string) => {
    written.push(text);
    return true;
  }) as typeof stream.write;
  return { stream, written };
}

describe('progressLine', () => {
  it('overwrites one line on a terminal, with rate and time left, and takes it away', () => {
    const { stream, written } = terminal();
    let now = 0;
    const line = progressLine(stream, () => now);
    line.show(0, 10_000);
    now = 1000;
    line.show(1000, 10_000);
    now = 1100; // too soon
    line.show(1100, 10_000);
    line.end();
    expect(written).toEqual(['\r\u001b[K1,000 of 10,000 entries (10 %), 1,000/s, 9 s left', '\r\u001b[K']);
  });

  it('leaves a terminal alone where nothing was shown', () => {
    const { stream, written } = terminal();
    progressLine(stream, () => 0).end();
    expect(written).toEqual([]);
  });
});

describe('progressText', () => {
  it.each<[number, number, number, string]>([
    [0, 0, 0, '0 of 0 entries (100 %)'],
    [5, 10, 0, '5 of 10 entries (50 %)'],
    [999, 1000, 10, '999 of 1,000 entries (99 %), 10/s, 1 s left'],
  ])('%i of %i', (done, of, rate, text) => {
    expect(progressText(done, of, rate)).toBe(text);
  });
});

describe('durationText', () => {
  it.each([
    [0.2, '1 s'],
    [89, '89 s'],
    [120, '2 min'],
    [7200, '2.0 h'],
  ])('%f seconds', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});
