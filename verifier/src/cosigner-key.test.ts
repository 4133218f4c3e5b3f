import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import { concatBytes, hexDecode, hexEncode } from './bytes.ts';
import { COSIGNATURE_ED25519, COSIGNATURE_ML_DSA_44, formatCosignerVkey, parseCosignerVkey } from './cosigner-key.ts';
import { mlDsa44Spki, parsePublicKey } from './spki.ts';
import { formatVkey, noteKeyId, parseVkey } from './vkey.ts';

/** The worked example of the file: a witness that runs for the public, and its key as its operator publishes it. */
const EXAMPLE = 'witness.glasklar.is+90ad80e6+BLIQbbkGXsl/JeCcGIOSFnUabibY7YtB5IWlY9PRSYU2';
const RAW = unwrap(hexDecode('b2106db9065ec97f25e09c18839216751a6e26d8ed8b41e485a563d3d1498536'));

/** A vkey whose key id is right, whatever else it says. */
function vkey(name: string, type: number, key: Uint8Array): string {
  const id = noteKeyId(name, type, key).toString(16).padStart(8, '0');
  return `${name}+${id}+${base64Encode(concatBytes(Uint8Array.of(type), key))}`;
}

describe('parseCosignerVkey', () => {
  it('reads the worked example, and formatCosignerVkey writes it', () => {
    const cosigner = unwrap(parseCosignerVkey(EXAMPLE));
    expect(cosigner).toMatchObject({ vkey: EXAMPLE, name: 'witness.glasklar.is', keyId: 0x90ad80e6, algorithm: 4 });
    expect(hexEncode(cosigner.raw)).toBe(hexEncode(RAW));
    expect(formatCosignerVkey('witness.glasklar.is', RAW)).toBe(EXAMPLE);
    if (cosigner.algorithm !== COSIGNATURE_ED25519) throw new Error('another type');
    expect(cosigner.publicKey.algorithm).toBe('ed25519');
    expect(hexEncode(cosigner.publicKey.raw)).toBe(hexEncode(RAW));
  });

  it('recognizes ML-DSA-44 keys, whose vkeys are long', () => {
    const raw = new Uint8Array(1312).fill(7);
    const text = formatCosignerVkey('witness.example/pq', raw, COSIGNATURE_ML_DSA_44);
    const cosigner = unwrap(parseCosignerVkey(text));
    const publicKey = unwrap(parsePublicKey(mlDsa44Spki(raw)));
    const name = 'witness.example/pq';
    expect(cosigner).toEqual({ vkey: text, name, keyId: cosigner.keyId, raw, algorithm: 6, publicKey });
    expect(cosigner.keyId).toBe(noteKeyId('witness.example/pq', 6, raw));
  });

  it('keeps the key as it was checked, whatever happens to the buffer', () => {
    const raw = new Uint8Array(RAW);
    const text = formatCosignerVkey('w', raw);
    raw.fill(0);
    expect(hexEncode(unwrap(parseCosignerVkey(text)).raw)).toBe(hexEncode(RAW));
  });

  const refused: Record<string, string> = {
    nothing: '',
    'another key id': EXAMPLE.replace('90ad80e6', '90ad80e7'),
    'the key id of the same key as a log key': EXAMPLE.replace(
      '90ad80e6',
      noteKeyId('witness.glasklar.is', 1, RAW).toString(16).padStart(8, '0'),
    ),
    'another name': EXAMPLE.replace('glasklar', 'glasklaR'),
    'an Ed25519 key of 31 bytes': vkey('w', 4, RAW.subarray(1)),
    'an Ed25519 key of 33 bytes': vkey('w', 4, concatBytes(RAW, RAW.subarray(0, 1))),
    'an Ed25519 key of small order': vkey('w', 4, new Uint8Array(32)),
    'an ML-DSA-44 key of 1311 bytes': vkey('w', 6, new Uint8Array(1311)),
    'an ML-DSA-44 key of 1313 bytes': vkey('w', 6, new Uint8Array(1313)),
    'an ML-DSA-65 key': vkey('w', 6, new Uint8Array(1952)),
    'a name with a no-break space': vkey('w\u00a0', 4, RAW),
    'white space at the end': `${EXAMPLE}\n`,
  };
  for (const [what, text] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(parseCosignerVkey(text))).toBe('vkey_malformed');
    });
  }

  it('takes no key of another type, least of all a log key, and a log takes no cosigner key', () => {
    expect(codeOf(parseCosignerVkey(formatVkey('log.example', RAW)))).toBe('key_unsupported');
    for (const type of [0, 1, 2, 3, 5, 7, 255]) {
      expect(codeOf(parseCosignerVkey(vkey('w', type, RAW)))).toBe('key_unsupported');
    }
    expect(codeOf(parseVkey(EXAMPLE))).toBe('key_unsupported');
  });
});

describe('formatCosignerVkey', () => {
  it('throws for what could not be read back', () => {
    expect(() => formatCosignerVkey('a b', RAW)).toThrow(TypeError);
    expect(() => formatCosignerVkey('', RAW)).toThrow(TypeError);
    expect(() => formatCosignerVkey('w', RAW.subarray(1))).toThrow(RangeError);
    expect(() => formatCosignerVkey('w', RAW, COSIGNATURE_ML_DSA_44)).toThrow(RangeError);
    expect(() => formatCosignerVkey('w', new Uint8Array(1312))).toThrow(RangeError);
  });
});
