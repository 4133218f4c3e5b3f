/**
 * The public key of a passkey as its authenticator encodes it, COSE_Key (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4, RFC 9964
 * for ML-DSA; WebAuthn Level 3 §6.5.1.1), to SubjectPublicKeyInfo, the one form in which keys are named and carried here.
 *
 * ES256 (-7) on P-256, EdDSA (-8) on Ed25519, ML-DSA-44 (-48) as an AKP key, RS256 (-257). WebAuthn demands `alg` and forbids every optional
 * parameter, so the members are exactly those of the key type.
 */

import { concatBytes } from './bytes.ts';
import { type CborKey, type CborMap, decodeCbor } from './cbor.ts';
import { type Failure, fail, ok, type Result } from './result.ts';
import {
  ed25519Spki,
  isRsaModulus,
  ML_DSA_44_KEY_LENGTH,
  mlDsa44Spki,
  p256Spki,
  parsePublicKey,
  rsaSpki,
} from './spki.ts';

const KTY = 1;
const ALG = 3;

/** @returns SPKI DER that `parsePublicKey` accepts; `cbor_malformed`, `key_malformed` or `key_unsupported`. */
export function coseKeyToSpki(cose: Uint8Array): Result<Uint8Array> {
  const decoded = decodeCbor(cose);
  if (!decoded.ok) return decoded;
  const { value: map, length } = decoded.value;
  if (length !== cose.length) return malformed('bytes follow the key');
  if (!(map instanceof Map)) return malformed('not a map');
  const spki = spkiOf(map);
  if (!spki.ok) return spki;
  const key = parsePublicKey(spki.value);
  return key.ok ? spki : key;
}

function spkiOf(map: CborMap): Result<Uint8Array> {
  switch (map.get(ALG)) {
    case -7: {
      const [x, y] = [bytesAt(map, -2, 32), bytesAt(map, -3, 32)];
      return x !== undefined && y !== undefined && has(map, { kty: 2, members: 5, curve: 1 })
        ? ok(p256Spki(concatBytes(Uint8Array.of(4), x, y)))
        : malformed('not an ES256 key on P-256');
    }
    case -8: {
      const x = bytesAt(map, -2, 32);
      return x !== undefined && has(map, { kty: 1, members: 4, curve: 6 })
        ? ok(ed25519Spki(x))
        : malformed('not an EdDSA key on Ed25519');
    }
    case -48: {
      const pub = bytesAt(map, -1, ML_DSA_44_KEY_LENGTH);
      return pub !== undefined && has(map, { kty: 7, members: 3 })
        ? ok(mlDsa44Spki(pub))
        : malformed('not an ML-DSA-44 key');
    }
    case -257: {
      const [n, e] = [bytesAt(map, -1), bytesAt(map, -2, 3)];
      if (n === undefined || e === undefined || !has(map, { kty: 3, members: 4 })) return malformed('not an RS256 key');
      const isOurs = e[0] === 1 && e[1] === 0 && e[2] === 1 && isRsaModulus(n);
      return isOurs ? ok(rsaSpki(n)) : fail('key_unsupported', 'COSE key: RSA takes 2048 to 8192 bits and e = 65537');
    }
    default:
      return fail('key_unsupported', 'COSE key: alg is none of ES256, EdDSA, ML-DSA-44, RS256');
  }
}

type Expected = { readonly kty: number; readonly members: number; readonly curve?: number };

/** Without a curve, label -1 is the modulus, or the AKP key. */
function has(map: CborMap, { kty, members, curve }: Expected): boolean {
  return map.get(KTY) === kty && map.size === members && (curve === undefined || map.get(-1) === curve);
}

function bytesAt(map: CborMap, label: CborKey, length?: number): Uint8Array | undefined {
  const value = map.get(label);
  return value instanceof Uint8Array && (length === undefined || value.length === length) ? value : undefined;
}

function malformed(detail: string): Failure {
  return fail('key_malformed', `COSE key: ${detail}`);
}
