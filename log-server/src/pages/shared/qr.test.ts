import jsqr from 'jsqr';
import { describe, expect, it } from 'vitest';
import { qrPath } from './qr.ts';

/** The modules as rows of 0 and 1, out of the path's rectangles. */
function modules({ side, path }: ReturnType<typeof qrPath>): string[] {
  const rows = Array.from({ length: side }, () => Array.from({ length: side }, () => 0));
  const rectangles = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g)];
  expect(rectangles.map(([text]) => text).join('')).toBe(path);
  for (const [, x, y, width, back] of rectangles) {
    expect(back).toBe(width);
    for (let i = 0; i < Number(width); i++) {
      const row = rows[Number(y)]!;
      expect(row[Number(x) + i]).toBe(0); // no module is drawn twice
      row[Number(x) + i] = 1;
    }
  }
  return rows.map((row) => row.join(''));
}

const SCALE = 4;

/** What a camera would read. */
function read(drawn: ReturnType<typeof qrPath>): string | undefined {
  const rows = modules(drawn);
  const width = drawn.side * SCALE;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (let at = 0; at < width * width; at++) {
    const dark = rows[Math.floor(at / width / SCALE)]![Math.floor((at % width) / SCALE)] === '1';
    if (dark) pixels.fill(0, at * 4, at * 4 + 3);
  }
  return jsqr.default(pixels, width, width)?.data;
}

describe('qrPath', () => {
  it('draws the three finder patterns inside of a quiet zone of four modules', () => {
    const drawn = qrPath('https://log.example.com/entry/42');
    const rows = modules(drawn);
    const finder = ['1111111', '1000001', '1011101', '1011101', '1011101', '1000001', '1111111'];
    const end = drawn.side - 4;
    for (const [x, y] of [
      [4, 4],
      [end - 7, 4],
      [4, end - 7],
    ] as const) {
      expect(rows.slice(y, y + 7).map((row) => row.slice(x, x + 7))).toEqual(finder);
    }
    const quiet = [
      ...rows.slice(0, 4),
      ...rows.slice(end),
      ...rows.flatMap((row) => [row.slice(0, 4), row.slice(end)]),
    ];
    expect(quiet.join('')).not.toContain('1');
  });

  it('is read by a decoder that nobody here wrote', () => {
    const url = 'https://log.example.com/verify?id=demo.approvals%2Freq_8f2';
    expect(read(qrPath(url))).toBe(url);
  });

  it('grows with the text, and refuses what no code can hold', () => {
    expect(qrPath('x'.repeat(200)).side).toBeGreaterThan(qrPath('x').side);
    expect(() => qrPath('x'.repeat(3_000))).toThrow(RangeError);
  });
});
