/**
 * Strict Ed25519, differential: our checks in front of Node's WebCrypto (OpenSSL) against @noble/ed25519 in its strict
 * mode. Where the two libraries differ from one another, behind our checks they must not.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { codeOf, unwrap } from '@assent/test-support/results';
import * as noble from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, hexDecode, hexEncode } from './bytes.ts';
import { isStrictPoint, isStrictSignature } from './ed25519-point.ts';
import { checkSignature } from './signature.ts';
import { ed25519Spki, parsePublicKey } from './spki.ts';

noble.hashes.sha512 = sha512;
const { n: L } = noble.Point.CURVE();
const P = 2n ** 255n - 19n;

/** Every encoding of a point of small order: eight canonical ones, and six that only a lax decoder takes. */
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((text) => unwrap(hexDecode(text)));

const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const message = new TextEncoder().encode('approve');

describe('points of small order', () => {
  it('are these 14 encodings, says noble', () => {
    expect(new Set(SMALL_ORDER.map(hexEncode)).size).toBe(14);
    for (const encoding of SMALL_ORDER) expect(noble.Point.fromBytes(encoding, true).isSmallOrder()).toBe(true);
  });

  it('are refused as keys', () => {
    for (const encoding of SMALL_ORDER) {
      expect(isStrictPoint(encoding)).toBe(false);
      expect(codeOf(parsePublicKey(ed25519Spki(encoding)))).toBe('key_malformed');
    }
  });

  it('are refused as R, although noble and Node may take them', async () => {
    // The holder of a key can make a signature whose R is of small order: R = 0, S = h·a.
    const { scalar, pointBytes } = noble.utils.getExtendedPublicKey(seed(7));
    const key = unwrap(parsePublicKey(ed25519Spki(pointBytes)));
    for (const encoding of SMALL_ORDER) {
      const signature = concatBytes(encoding, littleEndian((challenge(encoding, pointBytes, message) * scalar) % L));
      expect(isStrictSignature(signature)).toBe(false);
      expect(codeOf(await checkSignature(key, signature, message))).toBe('signature_malformed');
    }
    const neutral = SMALL_ORDER[0]!;
    const signature = concatBytes(neutral, littleEndian((challenge(neutral, pointBytes, message) * scalar) % L));
    expect(noble.verify(signature, message, pointBytes, { zip215: false })).toBe(true);
  });

  it('would let one signature fit every message: that is why', async () => {
    const neutral = SMALL_ORDER[0]!;
    const signature = concatBytes(noble.Point.BASE.multiply(5n).toBytes(), littleEndian(5n));
    for (const text of ['pay 1', 'pay 1000000']) {
      expect(noble.verify(signature, new TextEncoder().encode(text), neutral, { zip215: true })).toBe(true);
    }
  });
});

describe('non-canonical y', () => {
  it('is refused from p to 2^255 − 1, with either sign, as key and as R', () => {
    for (let y = P; y < 2n ** 255n; y++) {
      for (const sign of [0n, 2n ** 255n]) {
        const encoding = littleEndian(y + sign);
        expect(isStrictPoint(encoding)).toBe(false);
        expect(codeOf(parsePublicKey(ed25519Spki(encoding)))).toBe('key_malformed');
        expect(isStrictSignature(concatBytes(encoding, littleEndian(1n)))).toBe(false);
      }
    }
  });

  it('ends at p: the largest y below it that is not of small order is taken', () => {
    expect(isStrictPoint(littleEndian(P - 1n))).toBe(false); // order 2
    expect(isStrictPoint(littleEndian(P - 2n))).toBe(true);
    expect(isStrictPoint(littleEndian(P - 2n + 2n ** 255n))).toBe(true);
    expect(isStrictPoint(littleEndian(2n))).toBe(true);
  });

  it('is not a question for other lengths', () => {
    for (const length of [0, 31, 33]) expect(isStrictPoint(new Uint8Array(length).fill(9))).toBe(false);
  });
});

describe('S', () => {
  const { pointBytes } = noble.utils.getExtendedPublicKey(seed(7));
  const key = unwrap(parsePublicKey(ed25519Spki(pointBytes)));
  const good = noble.sign(message, seed(7));

  it('below L is taken, from L on refused', () => {
    const r = good.subarray(0, 32);
    expect(isStrictSignature(concatBytes(r, littleEndian(L - 1n)))).toBe(true);
    for (const s of [L, L + 1n, 2n * L, 2n ** 253n, 2n ** 256n - 1n]) {
      expect(isStrictSignature(concatBytes(r, littleEndian(s)))).toBe(false);
    }
  });

  it('plus L is the same signature to a lax verifier, and refused', async () => {
    expect(codeOf(await checkSignature(key, good, message))).toBeUndefined();
    const s = fromLittleEndian(good.subarray(32));
    for (let multiple = 1n; multiple <= 14n; multiple++) {
      const twin = concatBytes(good.subarray(0, 32), littleEndian(s + multiple * L));
      expect(codeOf(await checkSignature(key, twin, message))).toBe('signature_malformed');
    }
  });
});

describe('against noble', () => {
  it('agrees on good signatures and on ones with flipped bits', async () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 80 });
    const property = fc.asyncProperty(bytes, fc.nat(255), fc.nat(1023), async (text, keySeed, bit) => {
      const publicKey = noble.getPublicKey(seed(keySeed));
      const signature = noble.sign(text, seed(keySeed));
      for (const [candidateKey, candidate] of [
        [publicKey, signature],
        [publicKey, flip(signature, bit % 512)],
        [flip(publicKey, bit % 256), signature],
      ] as const) {
        const expected = nobleAccepts(candidate, text, candidateKey);
        const key = parsePublicKey(ed25519Spki(candidateKey));
        expect(key.ok && (await checkSignature(key.value, candidate, text)).ok).toBe(expected);
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('agrees on a y without a point: the key is taken, and verifies nothing', async () => {
    const off = [2n, 5n, 8n].map(littleEndian).filter((encoding) => !isPoint(encoding));
    expect(off.length).toBeGreaterThan(0);
    for (const encoding of off) {
      const key = unwrap(parsePublicKey(ed25519Spki(encoding)));
      const signature = noble.sign(message, seed(1));
      expect(nobleAccepts(signature, message, encoding)).toBe(false);
      expect(codeOf(await checkSignature(key, signature, message))).toBe('signature_invalid');
    }
  });

  /**
   * The one place where noble's strict mode is laxer than OpenSSL and BoringSSL: keys of mixed order, A = a·B + T with T
   * of small order. noble multiplies the equation by the cofactor, RFC 8032 allows both, and finding out whether a
   * point has such a part costs a scalar multiplication per key. Only who holds a can make such a signature, so nothing
   * is forged; but its holder can make one that noble takes and WebCrypto, so we, refuse.
   */
  it('refuses, with every WebCrypto, a mixed-order signature that noble takes', async () => {
    const { scalar, point } = noble.utils.getExtendedPublicKey(seed(9));
    const mixed = point.add(noble.Point.fromBytes(SMALL_ORDER[4]!)).toBytes();
    const key = unwrap(parsePublicKey(ed25519Spki(mixed)));
    let refused = 0;
    for (let nonce = 1n; nonce <= 16n; nonce++) {
      const r = noble.Point.BASE.multiply(nonce).toBytes();
      const h = challenge(r, mixed, message);
      const signature = concatBytes(r, littleEndian((nonce + h * scalar) % L));
      expect(nobleAccepts(signature, message, mixed)).toBe(true);
      const checked = await checkSignature(key, signature, message);
      expect(checked.ok).toBe(h % 8n === 0n);
      refused += checked.ok ? 0 : 1;
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('signs as node:crypto does', () => {
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed(3)]);
    const native = sign(null, message, createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
    expect(hexEncode(noble.sign(message, seed(3)))).toBe(native.toString('hex'));
  });
});

function nobleAccepts(signature: Uint8Array, text: Uint8Array, publicKey: Uint8Array): boolean {
  return noble.verify(signature, text, publicKey, { zip215: false });
}

/** SHA-512(R ‖ A ‖ M), RFC 8032 §5.1.7 step 2. */
function challenge(r: Uint8Array, a: Uint8Array, text: Uint8Array): bigint {
  return fromLittleEndian(sha512(concatBytes(r, a, text))) % L;
}

function isPoint(encoding: Uint8Array): boolean {
  try {
    noble.Point.fromBytes(encoding);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function littleEndian(value: bigint): Uint8Array {
  return unwrap(hexDecode(value.toString(16).padStart(64, '0'))).reverse();
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${hexEncode(new Uint8Array(bytes).reverse())}`);
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = new Uint8Array(bytes);
  const at = Math.floor(bit / 8);
  flipped[at] = flipped[at]! ^ (1 << (bit % 8));
  return flipped;
}
