/** Why a registration is refused: a closed list, the verifier's codes where it has one for the same thing. */
import type { FailureCode, Result } from '@assent/verifier';

const SHARED_CODES = [
  'bad_base64',
  'cbor_malformed',
  'client_data_malformed',
  'client_data_type',
  'challenge_mismatch',
  'signer_origin',
  'authenticator_data_malformed',
  'user_not_present',
  'user_not_verified',
  'backup_state_invalid',
  'key_malformed',
  'key_unsupported',
  'signature_malformed',
  'signature_invalid',
  'unsupported',
] as const satisfies readonly FailureCode[];

export type RegistrationCode =
  | (typeof SHARED_CODES)[number]
  /** Not a RegistrationResponseJSON. */
  | 'registration_malformed'
  /** No credential in the authenticator data. */
  | 'credential_missing'
  /** `id`, `rawId` and the credential in the authenticator data are not one. */
  | 'credential_id_mismatch'
  /** What the browser copied out of the attestation object is something else than what is in there. */
  | 'copy_mismatch'
  /** Not an attestation object, or a statement that its format does not define. */
  | 'attestation_malformed';

export type RegistrationFailure = {
  readonly ok: false;
  readonly code: RegistrationCode;
  readonly detail: string;
  readonly expected?: string;
  readonly computed?: string;
};

export type RegistrationResult<T> = { readonly ok: true; readonly value: T } | RegistrationFailure;

export function refuse(
  code: RegistrationCode,
  detail: string,
  values: { readonly expected?: string; readonly computed?: string } = {},
): RegistrationFailure {
  return { ok: false, code, detail, ...values };
}

/** A failure of the verifier's, as ours. @param otherwise for a code that is none of ours */
export function fromVerifier<T>(result: Result<T>, otherwise: RegistrationCode): RegistrationResult<T> {
  if (result.ok) return result;
  return refuse(SHARED_CODES.find((code) => code === result.code) ?? otherwise, result.detail);
}
