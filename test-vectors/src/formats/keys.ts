/** Cases of keys and signatures: ecdsa, spki, cose-key, signature. */
import { createHash } from 'node:crypto';
import type { TestKey } from '@assent/test-support/approvals';
import { unwrap } from '@assent/test-support/results';
import { concatBytes, ed25519Spki, hexDecode, hexEncode, p256Spki } from '@assent/verifier';
import { bytes, hex, text, vectorFile } from '../cases.ts';
import { passkey, rsaKey, rsaSignatureOf, signingKey } from '../keys.ts';
import { byMixedKey, type MixedOrderSignature, withMixedR } from '../mixed-order.ts';
import type { VectorFile } from '../vectors.ts';

const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';

/** A DER integer of this content. */
function integer(content: string): string {
  return `02${byte(content.length / 2)}${content}`;
}

function sequence(...parts: readonly string[]): string {
  const content = parts.join('');
  return `30${byte(content.length / 2)}${content}`;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

export function ecdsaCases(): VectorFile {
  const about =
    'ECDSA signatures on P-256: DER (the one encoding of r and s) to r ‖ s (IEEE P1363). `result` is hexadecimal.';
  return vectorFile('ecdsa', about, ({ good, bad }) => {
    const convert = (name: string, der: string, r: string, s: string) =>
      good(name, 'der_to_p1363', { der: hex(der) }, r.padStart(64, '0') + s.padStart(64, '0'));
    const high = `${'ab'.repeat(32)}`;
    const low = `${'12'.repeat(32)}`;
    convert('both of 32 bytes', sequence(integer(low), integer(low)), low, low);
    convert('r with its highest bit set', sequence(integer(`00${high}`), integer(low)), high, low);
    convert('s with its highest bit set', sequence(integer(low), integer(`00${high}`)), low, high);
    convert('short ones are padded', sequence(integer('01'), integer('7f')), '01', '7f');
    convert('a short one with its highest bit set', sequence(integer('0080'), integer('02')), '80', '02');
    convert('n - 1', sequence(integer(`00${ORDER.slice(0, -1)}0`), integer('01')), `${ORDER.slice(0, -1)}0`, '01');
    const refused: readonly [string, string][] = [
      ['nothing', ''],
      ['no sequence', integer('01') + integer('01')],
      ['r is zero', sequence(integer('00'), integer('01'))],
      ['s is zero', sequence(integer('01'), integer('00'))],
      ['r is n', sequence(integer(`00${ORDER}`), integer('01'))],
      ['s is n', sequence(integer('01'), integer(`00${ORDER}`))],
      ['r is negative', sequence(integer('ff'), integer('01'))],
      ['s is negative', sequence(integer('01'), integer(high))],
      ['r is padded', sequence(integer('0001'), integer('01'))],
      ['s is padded', sequence(integer('01'), integer('007f'))],
      ['r without content', sequence('0200', integer('01'))],
      ['a third integer', sequence(integer('01'), integer('01'), integer('01'))],
      ['bytes after the sequence', `${sequence(integer('01'), integer('01'))}00`],
      ['the sequence is longer than the bytes', '3007020101020101'],
      ['the sequence is shorter than its content', '3005020101020101'],
      ['a length in its long form', `308106${integer('01')}${integer('01')}`],
      ['a length of an integer in its long form', '300702810101020101'],
      ['an indefinite length', `3080${integer('01')}${integer('01')}0000`],
      ['an integer of 33 bytes that is no padded one', sequence(integer(`01${low}`), integer('01'))],
      ['r alone', sequence(integer('01'))],
      ['another tag for r', sequence('030101', integer('01'))],
      ['r ‖ s as it is', low + low],
    ];
    for (const [name, der] of refused) bad(name, 'der_to_p1363', { der: hex(der) }, 'signature_malformed');
  });
}

/** The order of Ed25519's base point, little-endian. */
const ED25519_L = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';

/** Encodings of points whose order divides eight (RFC 8032 §5.1.3 decodes them, canonical or not). */
const SMALL_ORDER: readonly string[] = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
];

export function spkiCases(): VectorFile {
  const about = 'Public keys: SubjectPublicKeyInfo in the one DER encoding that is accepted.';
  return vectorFile('spki', about, ({ good, bad }) => {
    const keys: readonly [string, string, Uint8Array][] = [
      ['ed25519', 'Ed25519', signingKey('spki').publicKey.spki],
      ['es256', 'P-256', signingKey('spki', 'es256').publicKey.spki],
      ['rs256', 'RSA with 2048 bits', passkey('rsa-2048', 'RS256').spki],
    ];
    for (const [algorithm, name, spki] of keys) {
      const keyid = `sha256:${createHash('sha256').update(spki).digest('hex')}`;
      good(name, 'parse', { spki: bytes(spki) }, { algorithm, keyid });
      bad(`${name}, a byte more`, 'parse', { spki: bytes(concatBytes(spki, Uint8Array.of(0))) }, 'key_malformed');
      bad(`${name}, a byte less`, 'parse', { spki: bytes(spki.slice(0, -1)) }, 'key_malformed');
    }
    for (const point of SMALL_ORDER) {
      bad(`Ed25519: a point of small order, ${point}`, 'parse', { spki: bytes(edwards(point)) }, 'key_malformed');
    }
    const p = 'f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f';
    bad('Ed25519: y is not below the field’s prime', 'parse', { spki: bytes(edwards(p)) }, 'key_malformed');
    const [, , p256] = keys[1]!;
    const compressed = hexEncode(p256).slice(54, 118);
    const offCurve = p256.slice();
    offCurve[90]! ^= 1;
    bad('P-256: off the curve', 'parse', { spki: bytes(offCurve) }, 'key_malformed');
    bad(
      'P-256: a compressed point',
      'parse',
      { spki: hex(`3039301306072a8648ce3d020106082a8648ce3d03010703220002${compressed}`) },
      'key_malformed',
    );
    bad(
      'P-256: the point at infinity',
      'parse',
      { spki: hex('3019301306072a8648ce3d020106082a8648ce3d03010703020000') },
      'key_malformed',
    );
    const tooLarge = p256Spki(concatBytes(Uint8Array.of(4), new Uint8Array(32).fill(0xff), p256.slice(59)));
    bad('P-256: x is not below the field’s prime', 'parse', { spki: bytes(tooLarge) }, 'key_malformed');
    const p384 = '3076301006072a8648ce3d020106052b81040022036200';
    bad('a key on P-384', 'parse', { spki: hex(`${p384}04${'11'.repeat(96)}`) }, 'key_unsupported');
    bad('an X25519 key', 'parse', { spki: hex(`302a300506032b656e032100${'09'.repeat(32)}`) }, 'key_unsupported');
    bad('an Ed448 key', 'parse', { spki: hex(`3043300506032b6571033a00${'09'.repeat(57)}`) }, 'key_unsupported');
    bad('no SubjectPublicKeyInfo', 'parse', { spki: text('public key') }, 'key_unsupported');
    bad('nothing', 'parse', { spki: hex('') }, 'key_unsupported');
    const [, , rsa] = keys[2]!;
    const small = Buffer.from(rsa).toString('hex');
    bad('RSA: an even modulus', 'parse', { spki: hex(evenModulus(small)) }, 'key_malformed');
    bad('RSA: exponent 3', 'parse', { spki: hex(small.replace(/0203010001$/, '0203000003')) }, 'key_malformed');
    bad('RSA: without the NULL parameters', 'parse', { spki: hex(withoutNull(small)) }, 'key_malformed');
  });
}

function edwards(point: string): Uint8Array {
  return ed25519Spki(unwrap(hexDecode(point)));
}

/** The modulus ends ten digits before the end. */
function evenModulus(spki: string): string {
  return `${spki.slice(0, -11)}0${spki.slice(-10)}`;
}

function withoutNull(spki: string): string {
  return spki.replace('300d06092a864886f70d0101010500', '300b06092a864886f70d010101').replace(/^30820122/, '30820120');
}

export function coseKeyCases(): VectorFile {
  const about = 'Public keys of passkeys, COSE_Key to SubjectPublicKeyInfo. `result` is hexadecimal.';
  return vectorFile('cose-key', about, ({ good, bad }) => {
    const es256 = passkey('cose es256');
    const eddsa = passkey('cose eddsa', 'EdDSA');
    const rs256 = passkey('rsa-2048', 'RS256');
    for (const { algorithm, coseKey, spki } of [es256, eddsa, rs256]) {
      good(algorithm, 'to_spki', { cose_key: bytes(coseKey) }, hexEncode(spki));
    }
    const ec = hexEncode(es256.coseKey);
    const x = ec.slice(20, 84);
    const y = ec.slice(90);
    good(
      'ES256, members in another order',
      'to_spki',
      { cose_key: hex(`a5225820${y}215820${x}200103260102`) },
      hexEncode(es256.spki),
    );
    const ed = hexEncode(eddsa.coseKey).slice(-64);
    const refused: readonly [string, string, string][] = [
      ['ES256 without y', `a4010203262001215820${x}`, 'key_malformed'],
      ['ES256 with a member more', `a6010203262001215820${x}225820${y}0401`, 'key_malformed'],
      ['ES256 of another key type', `a5010103262001215820${x}225820${y}`, 'key_malformed'],
      ['ES256 on another curve', `a5010203262002215820${x}225820${y}`, 'key_malformed'],
      ['ES256 with a short x', `a501020326200121581f${x.slice(2)}225820${y}`, 'key_malformed'],
      ['ES256 off the curve', `a5010203262001215820${y}225820${x}`, 'key_malformed'],
      ['EdDSA on another curve', `a4010103272004215820${ed}`, 'key_malformed'],
      ['EdDSA with a point of small order', `a4010103272006215820${SMALL_ORDER[0]}`, 'key_malformed'],
      ['EdDSA with a private key beside it', `a5010103272006215820${ed}235820${ed}`, 'key_malformed'],
      ['without an algorithm', `a401022001215820${x}225820${y}`, 'key_unsupported'],
      ['ES384', `a501020338222002215820${x}225820${y}`, 'key_unsupported'],
      ['the algorithm as text', `a50102036545533235362001215820${x}225820${y}`, 'key_unsupported'],
      ['bytes after the key', `${ec}00`, 'key_malformed'],
      ['no map', '80', 'key_malformed'],
      ['a key that stands twice', `a60102010203262001215820${x}225820${y}`, 'cbor_malformed'],
      ['cut short', ec.slice(0, -2), 'cbor_malformed'],
      ['nothing', '', 'cbor_malformed'],
    ];
    for (const [name, cose, code] of refused) bad(name, 'to_spki', { cose_key: hex(cose) }, code);
    const rsa = hexEncode(rs256.coseKey);
    bad(
      'RS256 with exponent 3',
      'to_spki',
      { cose_key: bytes(unwrap(hexDecode(rsa.replace(/010001$/, '000003')))) },
      'key_unsupported',
    );
    bad(
      'RS256 with a modulus of 1024 bits',
      'to_spki',
      { cose_key: bytes(unwrap(hexDecode(`a4010303390100205880${'c1'.repeat(128)}2143010001`))) },
      'key_unsupported',
    );
  });
}

export function signatureCases(): VectorFile {
  const about = 'Signatures over bytes: Ed25519, ECDSA P-256 with SHA-256 (DER), RSASSA-PKCS1-v1_5 with SHA-256.';
  return vectorFile('signature', about, ({ good, bad }) => {
    const message = Buffer.from('exactly this');
    const keys = [
      { name: 'Ed25519', ...withSpki(signingKey('signature')) },
      { name: 'ES256', ...withSpki(signingKey('signature', 'es256')) },
      { name: 'RS256', ...withSpki(rsaKey('rsa-2048')) },
    ];
    for (const { name, spki, sign } of keys) {
      const signature = sign(message);
      const input = { spki: bytes(spki), message: bytes(message), signature: bytes(signature) };
      good(`${name}`, 'verify', input, 'valid');
      good(
        `${name} over nothing`,
        'verify',
        { ...input, message: hex(''), signature: bytes(sign(Buffer.alloc(0))) },
        'valid',
      );
      bad(`${name} over another message`, 'verify', { ...input, message: text('exactly That') }, 'signature_invalid');
      bad(
        `${name}, a byte more`,
        'verify',
        { ...input, signature: bytes(Buffer.concat([signature, Buffer.of(0)])) },
        'signature_malformed',
      );
      bad(
        `${name}, a byte less`,
        'verify',
        { ...input, signature: bytes(signature.slice(0, -1)) },
        'signature_malformed',
      );
      bad(`${name}, nothing`, 'verify', { ...input, signature: hex('') }, 'signature_malformed');
    }
    const [ed, ec, rsa] = keys;
    const edInput = { spki: bytes(ed!.spki), message: bytes(message) };
    const edSignature = hexEncode(ed!.sign(message));
    const r = edSignature.slice(0, 64);
    const s = edSignature.slice(64);
    bad('Ed25519: S is L', 'verify', { ...edInput, signature: hex(r + ED25519_L) }, 'signature_malformed');
    bad(
      'Ed25519: S + L, which is the same scalar',
      'verify',
      { ...edInput, signature: hex(r + plusL(s)) },
      'signature_malformed',
    );
    for (const point of SMALL_ORDER.slice(0, 5)) {
      bad(
        `Ed25519: R is of small order, ${point}`,
        'verify',
        { ...edInput, signature: hex(point + s) },
        'signature_malformed',
      );
    }
    bad(
      'Ed25519: R of another signature',
      'verify',
      { ...edInput, signature: hex(hexEncode(ed!.sign(Buffer.from('x'))).slice(0, 64) + s) },
      'signature_invalid',
    );
    const mixedKey = byMixedKey(message, true);
    good('Ed25519: a key of mixed order, where it does not matter', 'verify', mixedInput(message, mixedKey), 'valid');
    for (const [name, mixed] of [
      ['Ed25519: a key of mixed order, which holds only if multiplied by the cofactor', byMixedKey(message, false)],
      ['Ed25519: R of mixed order, which holds only if multiplied by the cofactor', withMixedR(message)],
    ] as const) {
      bad(name, 'verify', mixedInput(message, mixed), 'signature_invalid');
    }
    const der = hexEncode(ec!.sign(message));
    const ecInput = { spki: bytes(ec!.spki), message: bytes(message) };
    good(
      'ES256: the twin (r, n - s), which authenticators make too',
      'verify',
      { ...ecInput, signature: hex(twin(der)) },
      'valid',
    );
    bad('ES256: r and s swapped', 'verify', { ...ecInput, signature: hex(swapped(der)) }, 'signature_invalid');
    bad('ES256: as r ‖ s', 'verify', { ...ecInput, signature: hex('12'.repeat(64)) }, 'signature_malformed');
    const rsaInput = { spki: bytes(rsa!.spki), message: bytes(message) };
    bad('RS256: zero', 'verify', { ...rsaInput, signature: bytes(new Uint8Array(256)) }, 'signature_invalid');
    const digest = createHash('sha256').update(message).digest('hex');
    const digestInfo = (prefix: string) => bytes(rsaSignatureOf('rsa-2048', Buffer.from(prefix + digest, 'hex')));
    good(
      'RS256: a DigestInfo with the NULL parameter',
      'verify',
      { ...rsaInput, signature: digestInfo('3031300d060960864801650304020105000420') },
      'valid',
    );
    bad(
      'RS256: a DigestInfo without the NULL parameter',
      'verify',
      { ...rsaInput, signature: digestInfo('302f300b06096086480165030402010420') },
      'signature_invalid',
    );
    bad(
      'RS256: the hash without a DigestInfo',
      'verify',
      { ...rsaInput, signature: digestInfo('') },
      'signature_invalid',
    );
    const flipped = rsa!.sign(message).slice();
    flipped[255]! ^= 1;
    bad('RS256: a bit flipped', 'verify', { ...rsaInput, signature: bytes(flipped) }, 'signature_invalid');
  });
}

function mixedInput(message: Uint8Array, { publicKey, signature }: MixedOrderSignature) {
  return { spki: bytes(ed25519Spki(publicKey)), message: bytes(message), signature: bytes(signature) };
}

type Signer = { readonly spki: Uint8Array; sign(message: Uint8Array): Uint8Array };

function withSpki({ publicKey, sign }: TestKey): Signer {
  return { spki: publicKey.spki, sign };
}

/** Little-endian. */
function plusL(scalar: string): string {
  const reverse = (digits: string) => digits.match(/../g)!.reverse().join('');
  const sum = BigInt(`0x${reverse(scalar)}`) + BigInt(`0x${reverse(ED25519_L)}`);
  return reverse(sum.toString(16).padStart(64, '0'));
}

function derIntegers(der: string): readonly [bigint, bigint] {
  const length = Number.parseInt(der.slice(6, 8), 16) * 2;
  const r = der.slice(8, 8 + length);
  const s = der.slice(12 + length);
  return [BigInt(`0x${r}`), BigInt(`0x${s}`)];
}

function derOf(r: bigint, s: bigint): string {
  const content = (value: bigint) => {
    const digits = value.toString(16);
    const even = digits.length % 2 === 0 ? digits : `0${digits}`;
    return /^[89a-f]/.test(even) ? `00${even}` : even;
  };
  return sequence(integer(content(r)), integer(content(s)));
}

function twin(der: string): string {
  const [r, s] = derIntegers(der);
  return derOf(r, BigInt(`0x${ORDER}`) - s);
}

function swapped(der: string): string {
  const [r, s] = derIntegers(der);
  return derOf(s, r);
}
