import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const [lightPart = '', darkPart = ''] = css.split('@media (prefers-color-scheme: dark)');

function tokens(part: string): ReadonlyMap<string, string> {
  return new Map([...part.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]));
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ['paper', 'surface', 'sunken'];
const TEXT: readonly (readonly [string, readonly string[]])[] = [
  ['ink', [...GROUNDS, 'pass-soft', 'fail-soft', 'warn-soft']],
  ['ink-soft', GROUNDS],
  ['accent', [...GROUNDS, 'accent-soft']],
  ['accent-strong', GROUNDS],
  ['on-accent', ['accent', 'accent-strong']],
  ['pass', ['surface', 'pass-soft']],
  ['fail', ['surface', 'fail-soft']],
  ['warn', ['surface', 'warn-soft']],
];

describe.each([
  ['light', tokens(lightPart)],
  ['dark', tokens(darkPart)],
] as const)('the %s colours', (_, values) => {
  const ratio = (a: string, b: string): number => contrast(values.get(a) ?? '', values.get(b) ?? '');

  it('can be read: text has 4.5:1 on every ground that it stands on', () => {
    for (const [text, grounds] of TEXT) {
      for (const ground of grounds) expect(ratio(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('show where a control ends: its edge has 3:1', () => {
    for (const ground of GROUNDS) expect(ratio('line-strong', ground), ground).toBeGreaterThanOrEqual(3);
  });

  it('show where one thing ends and the next begins: a rule has 1.25:1', () => {
    const rules = [
      ['line', 'paper'],
      ['line', 'surface'],
      ['line-sunken', 'sunken'],
    ] as const;
    for (const [rule, ground] of rules) {
      expect(ratio(rule, ground), `${rule} on ${ground}`).toBeGreaterThanOrEqual(1.25);
    }
  });
});

it('measures contrast as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
});
