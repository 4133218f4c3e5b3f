import { codeOf, unwrap } from '@assent/test-support/results';
import { readSharedVectors } from '@assent/test-support/shared-vectors';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import { concatBytes, hexDecode, hexEncode } from './bytes.ts';
import { formatVkey, isKeyName, noteKeyId, parseVkey } from './vkey.ts';

/** The worked example of the file, from the specification's own examples. */
const EXAMPLE = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const RAW = unwrap(hexDecode('e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4'));

/** A vkey whose key id is right, whatever else it says. */
function vkey(name: string, type: number, key: Uint8Array): string {
  const id = noteKeyId(name, type, key).toString(16).padStart(8, '0');
  return `${name}+${id}+${base64Encode(concatBytes(Uint8Array.of(type), key))}`;
}

describe('parseVkey', () => {
  it('reads the worked example, and formatVkey writes it', () => {
    const key = unwrap(parseVkey(EXAMPLE));
    expect(key).toMatchObject({ name: 'example.com/foo', keyId: 0x530d903a, algorithm: 1 });
    expect(key.publicKey.algorithm).toBe('ed25519');
    expect(hexEncode(key.publicKey.raw)).toBe(hexEncode(RAW));
    expect(formatVkey('example.com/foo', RAW)).toBe(EXAMPLE);
  });

  it('splits on the first two plus signs: base64 has its own', () => {
    for (let last = 0; last < 256; last++) {
      const raw = new Uint8Array(32).fill(0xfb);
      raw[31] = last;
      const text = formatVkey('log.example/1', raw);
      expect(text.split('+').length).toBeGreaterThan(3);
      // y ≥ p does not happen with these bytes, so each is read back.
      expect(hexEncode(unwrap(parseVkey(text)).publicKey.raw)).toBe(hexEncode(raw));
    }
  });

  it('writes key ids with leading zeros', () => {
    const raw = new Uint8Array(32).fill(9);
    let found = 0;
    for (let i = 0; found < 3; i++) {
      const text = formatVkey(`log${i}`, raw);
      if (!text.startsWith(`log${i}+0`)) continue;
      found += 1;
      expect(text.split('+')[1]).toMatch(/^0[0-9a-f]{7}$/);
      expect(unwrap(parseVkey(text)).keyId).toBe(noteKeyId(`log${i}`, 1, raw));
    }
  });

  const body = base64Encode(concatBytes(Uint8Array.of(1), RAW));
  const small = new Uint8Array(32);
  const refused: Record<string, string> = {
    nothing: '',
    'a name alone': 'example.com/foo',
    'a name and an id': 'example.com/foo+530d903a',
    'no name': `+530d903a+${body}`,
    'a name with a space': vkey('example.com/a b', 1, RAW),
    'a name with a no-break space': vkey('example.com/a\u00a0b', 1, RAW),
    'an id in upper case': EXAMPLE.replace('530d903a', '530D903A'),
    'an id of seven digits': EXAMPLE.replace('530d903a', '30d903a'),
    'an id of nine digits': EXAMPLE.replace('530d903a', '0530d903a'),
    'another id': EXAMPLE.replace('530d903a', '530d903b'),
    'another name': EXAMPLE.replace('foo', 'fop'),
    'a key that is not base64': EXAMPLE.replace('AekyeR', 'Aeky-R'),
    'an empty key': 'example.com/foo+530d903a+',
    'white space at the end': `${EXAMPLE}\n`,
    'a key of 31 bytes': vkey('example.com/foo', 1, RAW.subarray(1)),
    'a key of 33 bytes': vkey('example.com/foo', 1, concatBytes(RAW, Uint8Array.of(0))),
    'a key of small order': vkey('example.com/foo', 1, small),
    'a name of a megabyte': vkey('x'.repeat(1_000_000), 1, RAW),
  };
  for (const [what, text] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(parseVkey(text))).toBe('vkey_malformed');
    });
  }

  it('does not support other signature types', () => {
    for (const type of [0, 2, 4, 5, 6, 255]) {
      expect(codeOf(parseVkey(vkey('example.com/foo', type, RAW)))).toBe('key_unsupported');
    }
  });

  it('does not call a key of another type malformed because its key id is made otherwise', () => {
    // Rekor's (ECDSA), and one of a static-ct log, as they are published.
    for (const text of [
      'rekor.sigstore.dev+c0d23d6a+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW5i0hrZLOC96l+smGNM7nwZ4QvFK/4sueRoVj//QP22Ni4Qt9DPfkWLc=',
      'ct.googleapis.com/logs/us1/argon2024+7deb49d0+BTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABB25bKnLaZTFXOa2pgO70rjcVEMXKJkMBgFQHZ1kwFlGK9zIAx0FtC2oCfeZQe0E++VXuiYE9hFSzhRlOy92K8A=',
    ]) {
      expect(codeOf(parseVkey(text))).toBe('key_unsupported');
    }
  });

  it('golang.org/x/mod: 2 keys, 2 refused ones, every substring, every byte', () => {
    const text = readSharedVectors('golang-mod/sumdb-note-open.json', 4);
    if (text === undefined) return;
    const { vkeys }: { vkeys: { valid: string[]; invalid: string[] } } = JSON.parse(text);
    expect([vkeys.valid.length, vkeys.invalid.length]).toEqual([2, 2]);
    for (const valid of vkeys.valid) {
      const key = unwrap(parseVkey(valid));
      expect(formatVkey(key.name, key.publicKey.raw)).toBe(valid);
    }
    for (const invalid of vkeys.invalid)
      expect(codeOf(parseVkey(invalid))).toMatch(/^(vkey_malformed|key_unsupported)$/);
    const [first] = vkeys.valid as [string];
    let ran = 0;
    for (let start = 0; start < first.length; start++) {
      for (let end = start; end <= first.length; end++) {
        if (end - start === first.length) continue;
        expect(parseVkey(first.slice(start, end)).ok).toBe(false);
        ran += 1;
      }
    }
    for (let i = 0; i < first.length; i++) {
      const changed = first.slice(0, i) + String.fromCharCode(first.charCodeAt(i) + 1) + first.slice(i + 1);
      expect(parseVkey(changed).ok).toBe(false);
      ran += 1;
    }
    console.log(`golang-mod vkeys: 2 accepted, 2 refused, ${ran} derived ones refused`);
  });
});

describe('formatVkey', () => {
  it('throws on what no vkey can hold', () => {
    expect(() => formatVkey('', RAW)).toThrow(TypeError);
    expect(() => formatVkey('a+b', RAW)).toThrow(TypeError);
    expect(() => formatVkey('a\nb', RAW)).toThrow(TypeError);
    expect(() => formatVkey('a', RAW.subarray(1))).toThrow(RangeError);
  });
});

describe('isKeyName', () => {
  it('takes what the specification takes', () => {
    for (const name of ['a', 'example.com/log', 'é', '日本', 'a"b', '\u007f', '\ufeff', '—', '-']) {
      expect(isKeyName(name), JSON.stringify(name)).toBe(true);
    }
  });

  it('refuses the empty name, plus, every Unicode space, control characters and lone surrogates', () => {
    const spaces =
      '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';
    for (const bad of ['', '+', ...spaces, '\u0000', '\u001f', '\ud800']) {
      expect(isKeyName(bad === '' ? '' : `a${bad}b`), JSON.stringify(bad)).toBe(false);
    }
  });
});
