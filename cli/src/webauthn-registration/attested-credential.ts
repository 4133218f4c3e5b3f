/**
 * Authenticator data of a registration (WebAuthn Level 3 §6.1 and §6.5.2):
 *
 *     rpIdHash (32) ‖ flags (1) ‖ signCount (4) ‖ aaguid (16) ‖ length of the id (2) ‖ id ‖ COSE key ‖ extensions, if ED is set
 */
import { type AuthenticatorData, concatBytes, decodeCbor, hexEncode, parseAuthenticatorData } from '@assent/verifier';
import { MAX_CREDENTIAL_ID } from './registration-response.ts';
import { fromVerifier, type RegistrationResult, refuse } from './registration-result.ts';

export type AttestedCredential = {
  readonly data: AuthenticatorData;
  /** Which model of authenticator it says that it is, as a UUID; all zeros where it does not say. */
  readonly aaguid: string;
  readonly credentialId: Uint8Array;
  /** COSE_Key. */
  readonly coseKey: Uint8Array;
};

const FLAGS_AT = 32;
const ATTESTED_FLAG = 0x40;
const HEADER = 37;
const ID_AT = HEADER + 16 + 2;

/**
 * Fails with `credential_missing`, `authenticator_data_malformed`, `cbor_malformed`, `user_not_present` or
 * `backup_state_invalid`. Whether the user was verified is not judged.
 */
export function parseAttestedCredential(bytes: Uint8Array): RegistrationResult<AttestedCredential> {
  if (bytes.length < HEADER) return refuse('authenticator_data_malformed', 'authenticator data: under 37 bytes');
  const flags = bytes[FLAGS_AT]!;
  if ((flags & ATTESTED_FLAG) === 0) {
    return refuse('credential_missing', 'authenticator data: no credential is attested (AT is not set)');
  }
  if (bytes.length < ID_AT) return cutShort();
  const idLength = bytes[ID_AT - 2]! * 256 + bytes[ID_AT - 1]!;
  if (idLength < 1 || idLength > MAX_CREDENTIAL_ID) {
    return refuse('authenticator_data_malformed', `authenticator data: an id of ${idLength} bytes`);
  }
  const keyAt = ID_AT + idLength;
  if (bytes.length <= keyAt) return cutShort();
  const key = decodeCbor(bytes.subarray(keyAt));
  if (!key.ok) return fromVerifier(key, 'cbor_malformed');
  const extensionsAt = keyAt + key.value.length;
  // Without the credential it is what an assertion has, and is judged by the same rules.
  const rest = concatBytes(
    bytes.subarray(0, FLAGS_AT),
    Uint8Array.of(flags & ~ATTESTED_FLAG),
    bytes.subarray(FLAGS_AT + 1, HEADER),
    bytes.subarray(extensionsAt),
  );
  const data = fromVerifier(parseAuthenticatorData(rest), 'authenticator_data_malformed');
  if (!data.ok) return data;
  return {
    ok: true,
    value: {
      data: data.value,
      aaguid: uuid(bytes.subarray(HEADER, HEADER + 16)),
      credentialId: bytes.slice(ID_AT, keyAt),
      coseKey: bytes.slice(keyAt, extensionsAt),
    },
  };
}

function cutShort() {
  return refuse('authenticator_data_malformed', 'authenticator data: it ends within the credential');
}

function uuid(bytes: Uint8Array): string {
  return hexEncode(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
