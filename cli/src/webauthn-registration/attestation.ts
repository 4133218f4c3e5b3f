/**
 * Attestation objects (WebAuthn Level 3 §6.5.4 and §8): who vouches for the authenticator.
 *
 *     { "fmt": "packed", "attStmt": { "alg": -7, "sig": bytes }, "authData": bytes }        CBOR; here self attestation (§8.2)
 *
 * `none` says nothing, and self attestation that whoever made this registration has the private key. Both are judged in full. All
 * others are chains of certificates up to makers of hardware, whose roots this program does not have: they are reported as not
 * verified. That makes a registration no worse than one with `none`, as it is the challenge and the origin that count.
 */
import {
  type CborMap,
  checkSignature,
  concatBytes,
  decodeCbor,
  type Primitives,
  type PublicKey,
} from '@assent/verifier';
import { fromVerifier, type RegistrationResult, refuse } from './registration-result.ts';

/** What the statement is worth. */
export type Attestation = {
  readonly format: string;
  readonly kind: 'none' | 'self' | 'other';
  /** Of `none` there is nothing to verify: true. */
  readonly verified: boolean;
};

export type AttestationObject = {
  readonly format: string;
  readonly statement: CborMap;
  readonly authenticatorData: Uint8Array;
};

/** Fails with `cbor_malformed` or `attestation_malformed`. */
export function parseAttestationObject(bytes: Uint8Array): RegistrationResult<AttestationObject> {
  const decoded = decodeCbor(bytes);
  if (!decoded.ok) return fromVerifier(decoded, 'cbor_malformed');
  const { value: map, length } = decoded.value;
  if (length !== bytes.length) return malformed('bytes follow it');
  if (!(map instanceof Map) || map.size !== 3) return malformed('not a map of fmt, attStmt and authData');
  const [format, statement, authenticatorData] = [map.get('fmt'), map.get('attStmt'), map.get('authData')];
  if (typeof format !== 'string' || !/^[a-z0-9-]{1,32}$/.test(format)) return malformed('fmt is no name of a format');
  if (!(statement instanceof Map)) return malformed('attStmt is not a map');
  if (!(authenticatorData instanceof Uint8Array)) return malformed('authData is not bytes');
  return { ok: true, value: { format, statement, authenticatorData } };
}

export type Attested = AttestationObject & {
  readonly clientDataJSON: Uint8Array;
  readonly publicKey: PublicKey;
  /** COSE, of the credential. */
  readonly algorithm: number;
};

/** Fails with `attestation_malformed`, or for self attestation with `signature_malformed`, `signature_invalid` or `unsupported`. */
export async function judgeAttestation(
  { format, statement, authenticatorData, clientDataJSON, publicKey, algorithm }: Attested,
  primitives: Primitives,
): Promise<RegistrationResult<Attestation>> {
  if (format === 'none') {
    return statement.size === 0
      ? { ok: true, value: { format, kind: 'none', verified: true } }
      : malformed('the format "none" has a statement');
  }
  if (format !== 'packed' || statement.has('x5c')) {
    return { ok: true, value: { format, kind: 'other', verified: false } };
  }
  const [alg, sig] = [statement.get('alg'), statement.get('sig')];
  if (statement.size !== 2 || !(sig instanceof Uint8Array))
    return malformed('not alg and sig, as self attestation has');
  if (alg !== algorithm) return malformed('its alg is not that of the key, and it is no certificate that signed');
  const signed = concatBytes(authenticatorData, primitives.sha256(clientDataJSON));
  const checked = await checkSignature(publicKey, sig, signed, primitives);
  return checked.ok
    ? { ok: true, value: { format, kind: 'self', verified: true } }
    : fromVerifier(checked, 'signature_invalid');
}

function malformed(detail: string) {
  return refuse('attestation_malformed', `attestation object: ${detail}`);
}
