import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { base64Decode, base64Encode } from './base64.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { parseNote } from './signed-note.ts';

const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const EXAMPLE = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;
const root = unwrap(base64Decode(ROOT));

describe('parseCheckpoint', () => {
  it('reads the worked example, and formatCheckpoint writes it', () => {
    const checkpoint = unwrap(parseCheckpoint(EXAMPLE));
    expect(checkpoint).toEqual({ origin: 'example.com/behind-the-sofa', size: 20852163, root, extensions: [] });
    expect(formatCheckpoint(checkpoint)).toBe(EXAMPLE);
  });

  it('reads the text of the signed note of the specification', () => {
    const line =
      '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';
    const note = unwrap(parseNote(`${EXAMPLE}\n${line}`));
    expect(unwrap(parseCheckpoint(note.text)).size).toBe(20852163);
  });

  it('reads extension lines, whatever they say', () => {
    const extensions = ['Timestamp: 1', 'a b+c', '— not a signature'];
    expect(unwrap(parseCheckpoint(`${EXAMPLE}${extensions.join('\n')}\n`)).extensions).toEqual(extensions);
  });

  it('reads origins of any form, and sizes from 0 to 2^53 − 1', () => {
    for (const origin of ['a', 'with space', 'a+b', 'é', '0']) {
      expect(unwrap(parseCheckpoint(`${origin}\n0\n${ROOT}\n`)).origin).toBe(origin);
    }
    for (const size of [0, 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      expect(unwrap(parseCheckpoint(`a\n${size}\n${ROOT}\n`)).size).toBe(size);
    }
  });

  const encoded = (length: number) => base64Encode(new Uint8Array(length));
  const refused: Record<string, string> = {
    nothing: '',
    'a newline': '\n',
    'no newline at the end': EXAMPLE.slice(0, -1),
    'no root': 'a\n1\n',
    'no size': `a\n${ROOT}\n`,
    'no origin': `\n1\n${ROOT}\n`,
    'an empty line at the end': `${EXAMPLE}\n`,
    'an empty extension line': `${EXAMPLE}\nx\n`,
    'an empty line before the root': `a\n1\n\n${ROOT}\n`,
    'an empty size': `a\n\n${ROOT}\n`,
    'a size with a leading zero': `a\n01\n${ROOT}\n`,
    'a size with a sign': `a\n+1\n${ROOT}\n`,
    'a negative size': `a\n-1\n${ROOT}\n`,
    'a size in hex': `a\n0x10\n${ROOT}\n`,
    'a size with an exponent': `a\n1e3\n${ROOT}\n`,
    'a size with a fraction': `a\n1.0\n${ROOT}\n`,
    'a size with a space': `a\n1 \n${ROOT}\n`,
    'a size in other digits': `a\n१\n${ROOT}\n`,
    'a size of 2^53': `a\n9007199254740992\n${ROOT}\n`,
    'a size of 2^64': `a\n18446744073709551616\n${ROOT}\n`,
    'an empty root': 'a\n0\n\n',
    'a root of 31 bytes': `a\n1\n${encoded(31)}\n`,
    'a root of 33 bytes': `a\n1\n${encoded(33)}\n`,
    'a root of 12 bytes': `a\n1\n${encoded(12)}\n`,
    'a root in hex': `a\n1\n${'00'.repeat(32)}\n`,
    'a root without padding': `a\n1\n${ROOT.slice(0, -1)}\n`,
    'a root with stray bits': `a\n1\n${ROOT.replace('2I=', '2J=')}\n`,
    'a root with a space': `a\n1\n${ROOT} \n`,
    'carriage returns': EXAMPLE.replaceAll('\n', '\r\n'),
  };
  for (const [what, text] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(parseCheckpoint(text))).toBe('checkpoint_malformed');
    });
  }
});

describe('formatCheckpoint', () => {
  it('throws on what no checkpoint can say', () => {
    expect(() => formatCheckpoint({ origin: '', size: 0, root })).toThrow(TypeError);
    expect(() => formatCheckpoint({ origin: 'a\nb', size: 0, root })).toThrow(TypeError);
    for (const size of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => formatCheckpoint({ origin: 'a', size, root })).toThrow(RangeError);
    }
    expect(() => formatCheckpoint({ origin: 'a', size: 0, root: root.subarray(1) })).toThrow(RangeError);
  });
});
