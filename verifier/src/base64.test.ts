import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

/** What pages have that bundle the npm package of this name: no base64url. */
const OF_PACKAGES = {
  isEncoding: (form: string) => form !== 'base64url',
  from: (...given: [string, 'base64'] | [ArrayBuffer, number, number]) =>
    typeof given[0] === 'string'
      ? Buffer.from(given[0], 'base64')
      : {
          toString: (form: 'base64' | 'base64url') => {
            if (form === 'base64url') throw new TypeError('Unknown encoding: base64url');
            return Buffer.from(...(given as [ArrayBuffer, number, number])).toString(form);
          },
        },
};

/** The module as it is where this is the global Buffer. */
async function importWith(buffer: unknown): Promise<typeof import('./base64.ts')> {
  vi.resetModules();
  vi.stubGlobal('Buffer', buffer);
  try {
    return await import('./base64.ts');
  } finally {
    vi.unstubAllGlobals();
  }
}

const RUNTIMES = [
  { runtime: 'Node', module: await import('./base64.ts') },
  { runtime: 'browsers', module: await importWith(undefined) },
  { runtime: 'pages with the package "buffer"', module: await importWith(OF_PACKAGES) },
];
const STANDARD = RUNTIMES.map(({ runtime, module }) => ({
  name: `base64 in ${runtime}`,
  encode: module.base64Encode,
  decode: module.base64Decode,
  node: 'base64' as const,
}));
const URL_SAFE = RUNTIMES.map(({ runtime, module }) => ({
  name: `base64url in ${runtime}`,
  encode: module.base64urlEncode,
  decode: module.base64urlDecode,
  node: 'base64url' as const,
}));
const BOTH = [...STANDARD, ...URL_SAFE];

describe.each(BOTH)('$name', ({ encode, decode, node }) => {
  it('round-trips every length from 0 to 64 and agrees with Node', () => {
    for (let length = 0; length <= 64; length++) {
      for (const seed of [0, 91, 255]) {
        const bytes = Uint8Array.from({ length }, (_, i) => (seed === 91 ? i * 91 + length : seed));
        const text = encode(bytes);
        expect(text).toBe(Buffer.from(bytes).toString(node));
        expect(decode(text)).toEqual({ ok: true, value: bytes });
      }
    }
  });

  it('has exactly one spelling: whatever decodes encodes to the same text', () => {
    const character = fc.constantFrom(...'ABCgwxyz0189+/-_= \n.é');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
        const decoded = decode(text);
        if (decoded.ok) expect(encode(decoded.value)).toBe(text);
      }),
      { numRuns: 5000 },
    );
  });

  it('agrees with Node on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(encode(bytes)).toBe(Buffer.from(bytes).toString(node));
        expect(decode(encode(bytes))).toEqual({ ok: true, value: bytes });
      }),
    );
  });

  it('refuses every character outside its alphabet, at every place of a group and of a tail', () => {
    const alphabet = new Set(Buffer.from(Uint8Array.from({ length: 48 }, (_, i) => i)).toString(node));
    const every = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    for (const character of every) alphabet.add(character);
    for (const character of node === 'base64' ? '+/' : '-_') alphabet.add(character);
    expect(alphabet.size).toBe(64);
    const good = encode(new Uint8Array(11)); // two groups, then a tail of two bytes
    const characters = good.replace('=', '').length;
    for (let code = 0; code < 0x300; code++) {
      const character = String.fromCharCode(code);
      if (alphabet.has(character)) continue;
      for (let at = 0; at < characters; at++) {
        if (character === '=' && at === characters - 1) continue; // that is another length, tested below
        const text = good.slice(0, at) + character + good.slice(at + 1);
        expect(decode(text), `${JSON.stringify(character)} at ${at}`).toMatchObject({ ok: false, code: 'bad_base64' });
      }
    }
  });
});

describe.each(STANDARD)('$name, padded', ({ encode, decode }) => {
  it.each([
    ['missing padding', 'QQ'],
    ['half of the padding', 'QQ='],
    ['too much padding', 'QQ==='],
    ['padding after a whole group', 'QUJD===='],
    ['a group of nothing but padding', '===='],
    ['three padding characters in a group', 'Q==='],
    ['padding in the middle', 'QQ==QUJD'],
    ['a single character', 'Q'],
    ['trailing bits with two padding characters', 'QR=='],
    ['the highest trailing bit', 'QY=='],
    ['trailing bits with one padding character', 'QUF='],
    ['a trailing line feed', 'QUJD\n'],
    ['line breaks in place of characters', 'QU\r\n'],
    ['spaces', 'QU D'],
    ['the other alphabet', 'P-_-'],
    ['a null character', 'QUJ\0'],
    ['a full-width letter whose low bits are those of A', 'QUJ\uff41'],
  ])('refuses %s', (_, text) => {
    expect(decode(text)).toMatchObject({ ok: false, code: 'bad_base64' });
  });

  it('takes the examples of RFC 4648 §10', () => {
    const examples = {
      '': '',
      f: 'Zg==',
      fo: 'Zm8=',
      foo: 'Zm9v',
      foob: 'Zm9vYg==',
      fooba: 'Zm9vYmE=',
      foobar: 'Zm9vYmFy',
    };
    for (const [text, encoded] of Object.entries(examples)) {
      expect(encode(Buffer.from(text))).toBe(encoded);
      expect(decode(encoded)).toEqual({ ok: true, value: Uint8Array.from(Buffer.from(text)) });
    }
  });
});

describe.each(URL_SAFE)('$name, unpadded', ({ decode }) => {
  it.each([
    ['padding', 'QQ=='],
    ['one padding character', 'QUI='],
    ['an impossible length', 'QUJDQ'],
    ['trailing bits after one byte', 'QR'],
    ['trailing bits after two bytes', 'QUF'],
    ['the other alphabet', 'P+/+'],
    ['white space', 'QU D'],
    ['a trailing line feed', 'QUJD\n'],
  ])('refuses %s', (_, text) => {
    expect(decode(text)).toMatchObject({ ok: false, code: 'bad_base64' });
  });
});

describe.each(BOTH)('$name, of texts longer than one piece of work', ({ encode, decode }) => {
  it.each([12_287, 12_288, 12_289, 24_575, 24_576, 24_578, 40_000])('round-trips %i bytes', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
    expect(decode(encode(bytes))).toEqual({ ok: true, value: bytes });
  });

  it('refuses what is wrong in a later piece, also what is not ASCII', () => {
    const text = encode(new Uint8Array(30_000));
    for (const wrong of ['é', '😀', '*', '\u0100', '\ud800']) {
      for (const at of [16_383, 16_384, 32_768, text.length - 4]) {
        const edited = text.slice(0, at) + wrong + text.slice(at + wrong.length);
        expect(decode(edited)).toMatchObject({ ok: false, code: 'bad_base64' });
      }
    }
  });
});
