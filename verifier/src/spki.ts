/**
 * Public keys as SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): Ed25519 (RFC 8410 §4), P-256 (RFC 5480 §2), RSA (RFC 3279
 * §2.3.1), ML-DSA-44 (RFC 9881 §4). A key's identity is the hash of these bytes, so exactly one encoding of a key is accepted: what we take
 * apart is put together again and compared. That leaves no room for BER lengths, missing or odd parameters, compressed
 * points, padded integers or trailing bytes, and needs no ASN.1 parser.
 */
import { concatBytes, equalBytes, hexDecode, hexEncode } from './bytes.ts';
import { isStrictPoint } from './ed25519-point.ts';
import type { PublicKey, SignatureAlgorithm } from './primitives.ts';
import { type Failure, fail, ok, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';

const ED25519_PREFIX = fromHex('302a300506032b6570032100');
const P256_PREFIX = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200');
const ML_DSA_44_PREFIX = fromHex('30820532300b06096086480165030403110382052100'); // no parameters
const RSA_ALGORITHM = fromHex('300d06092a864886f70d0101010500'); // rsaEncryption, NULL
const RSA_EXPONENT = fromHex('0203010001'); // INTEGER 65537

export const ML_DSA_44_KEY_LENGTH = 1312;

const RSA_MIN_BITS = 2048;
const RSA_MAX_BITS = 8192;
/** From 2048 bits up every length takes two bytes, so the modulus always begins at this offset. */
const RSA_MODULUS_OFFSET = 4 + RSA_ALGORITHM.length + 5 + 4 + 4;

/** SEC 2 §2.4.2, and a = −3. */
const P256_P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** `sha256:<hex of SHA-256(spki)>`. */
export function keyidOf(spki: Uint8Array, sha: Sha256 = sha256): string {
  return `sha256:${hexEncode(sha(spki))}`;
}

/**
 * @param spki DER.
 * @returns the key; `key_unsupported` for another algorithm or curve; `key_malformed` for one of ours that is not the
 *   one encoding of a key that we accept.
 */
export function parsePublicKey(spki: Uint8Array, sha: Sha256 = sha256): Result<PublicKey> {
  const raw = rawKey(spki);
  if (!raw.ok) return raw;
  // A copy: the key must stay what was checked, whatever the caller does with its buffer.
  const own = new Uint8Array(spki);
  return ok({ ...raw.value, spki: own, keyid: keyidOf(own, sha) });
}

/** @param raw the 32-byte point (RFC 8032 §5.1.5). @throws RangeError for another length. */
export function ed25519Spki(raw: Uint8Array): Uint8Array {
  if (raw.length !== 32) throw new RangeError('raw: an Ed25519 public key has 32 bytes');
  return concatBytes(ED25519_PREFIX, raw);
}

/** @param raw65 0x04 ‖ x ‖ y (SEC 1 §2.3.3). @throws RangeError for another shape; not for a point off the curve. */
export function p256Spki(raw65: Uint8Array): Uint8Array {
  if (raw65.length !== 65 || raw65[0] !== 4) throw new RangeError('raw65: an uncompressed P-256 point has 65 bytes');
  return concatBytes(P256_PREFIX, raw65);
}

/** @param raw as FIPS 204 encodes it. @throws RangeError for another length than 1312 bytes. */
export function mlDsa44Spki(raw: Uint8Array): Uint8Array {
  if (raw.length !== ML_DSA_44_KEY_LENGTH) throw new RangeError('raw: an ML-DSA-44 public key has 1312 bytes');
  return concatBytes(ML_DSA_44_PREFIX, raw);
}

/**
 * Whether these bytes are a modulus that we take: 2048 to 8192 bits, big-endian without a leading zero, odd (an even
 * one is no product of two primes that anyone would use). Any number of bits in between: 2056 and 3000 exist.
 */
export function isRsaModulus(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  const bits = 8 * bytes.length - (Math.clz32(first) - 24);
  return first !== 0 && bits >= RSA_MIN_BITS && bits <= RSA_MAX_BITS && bytes.at(-1)! % 2 === 1;
}

/** @param modulus as in {@link isRsaModulus}; the exponent is 65537. @throws RangeError for any other. */
export function rsaSpki(modulus: Uint8Array): Uint8Array {
  if (!isRsaModulus(modulus)) {
    throw new RangeError(`modulus: an odd number of ${RSA_MIN_BITS} to ${RSA_MAX_BITS} bits without a leading zero`);
  }
  const sign = new Uint8Array(modulus[0]! >= 0x80 ? 1 : 0);
  const key = derLong(0x30, derLong(0x02, sign, modulus), RSA_EXPONENT);
  return derLong(0x30, RSA_ALGORITHM, derLong(0x03, new Uint8Array(1), key));
}

type RawKey = { readonly algorithm: SignatureAlgorithm; readonly raw: Uint8Array };

function rawKey(spki: Uint8Array): Result<RawKey> {
  if (startsWith(spki, ED25519_PREFIX)) {
    const raw = spki.slice(ED25519_PREFIX.length);
    return isStrictPoint(raw) ? ok({ algorithm: 'ed25519', raw }) : malformed('not a strict Ed25519 point');
  }
  if (startsWith(spki, P256_PREFIX)) {
    const raw = spki.slice(P256_PREFIX.length);
    return isOnP256(raw) ? ok({ algorithm: 'es256', raw }) : malformed('not an uncompressed point on P-256');
  }
  if (startsWith(spki, ML_DSA_44_PREFIX)) {
    // Every string of this length is a key: ρ is any 32 bytes, and t1 packs numbers of 10 bits that may have any value.
    const raw = spki.slice(ML_DSA_44_PREFIX.length);
    return raw.length === ML_DSA_44_KEY_LENGTH ? ok({ algorithm: 'ml-dsa-44', raw }) : malformed('not 1312 bytes');
  }
  if (equalBytes(spki.subarray(4, 4 + RSA_ALGORITHM.length), RSA_ALGORITHM)) return rawRsaKey(spki);
  return namesOurAlgorithm(spki)
    ? malformed('not the DER encoding of an Ed25519, P-256, RSA (2048 to 8192 bits, e = 65537) or ML-DSA-44 key')
    : fail('key_unsupported', 'public key: none of Ed25519, P-256, RSA, ML-DSA-44, or not a SubjectPublicKeyInfo');
}

function rawRsaKey(spki: Uint8Array): Result<RawKey> {
  const integer = spki.slice(RSA_MODULUS_OFFSET, -RSA_EXPONENT.length);
  const raw = integer[0] === 0 ? integer.slice(1) : integer;
  return isRsaModulus(raw) && equalBytes(rsaSpki(raw), spki)
    ? ok({ algorithm: 'rs256', raw })
    : malformed(`not the DER encoding of an RSA key of ${RSA_MIN_BITS} to ${RSA_MAX_BITS} bits with e = 65537`);
}

/** Only to choose the failure's code: whether an algorithm that we know stands where an encoder would put it. */
function namesOurAlgorithm(spki: Uint8Array): boolean {
  const head = hexEncode(spki.subarray(0, 32));
  const oids = [
    '06032b6570',
    '06072a8648ce3d020106082a8648ce3d030107',
    '06092a864886f70d010101',
    '0609608648016503040311',
  ];
  return oids.some((oid) => head.includes(oid));
}

/**
 * Points that were found on the curve, a character a byte: the same people approve again and again, and the arithmetic takes
 * as long as all the rest of a key.
 */
const knownPoints = new Set<string>();
const MOST_KNOWN = 4_096;

function isOnP256(point: Uint8Array): boolean {
  if (point.length !== 65 || point[0] !== 4) return false;
  const text = String.fromCharCode(...point);
  if (knownPoints.has(text)) return true;
  const x = BigInt(`0x${hexEncode(point.subarray(1, 33))}`);
  const y = BigInt(`0x${hexEncode(point.subarray(33))}`);
  const isOn = x < P256_P && y < P256_P && (y * y - (x * x * x - 3n * x + P256_B)) % P256_P === 0n;
  if (isOn && knownPoints.size === MOST_KNOWN) knownPoints.clear();
  if (isOn) knownPoints.add(text);
  return isOn;
}

/** Tag, the two-byte form of the length (for 256 to 65535 bytes), content. */
function derLong(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return concatBytes(Uint8Array.of(tag, 0x82, Math.floor(length / 256), length % 256), ...content);
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, prefix.length), prefix);
}

function malformed(detail: string): Failure {
  return fail('key_malformed', `public key: ${detail}`);
}

function fromHex(hex: string): Uint8Array {
  const bytes = hexDecode(hex);
  if (!bytes.ok) throw new TypeError('hex: a constant of this file');
  return bytes.value;
}
