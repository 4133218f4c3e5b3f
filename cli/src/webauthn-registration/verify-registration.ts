/**
 * Registering a passkey: WebAuthn Level 3 §7.1, those steps that can be made from the answer alone and from what the one who asked
 * for it knows: the challenge that was given, and where the ceremony had to take place. What goes into a trust root is the key, so
 * this is where it is decided whose key it is.
 */
import {
  type AuthenticatorFlags,
  base64urlEncode,
  checkPasskeyOrigin,
  coseKeyToSpki,
  decodeCbor,
  equalBytes,
  type Json,
  type Primitives,
  type PublicKey,
  parseClientData,
  parsePublicKey,
} from '@assent/verifier';
import { type Attestation, judgeAttestation, parseAttestationObject } from './attestation.ts';
import { parseAttestedCredential } from './attested-credential.ts';
import { parseRegistrationResponse, type RegistrationResponse } from './registration-response.ts';
import { fromVerifier, type RegistrationResult, refuse } from './registration-result.ts';

export type RegistrationExpectations = {
  /** The bytes of the challenge that was given. */
  readonly challenge: Uint8Array;
  readonly rpId: string;
  readonly origins: readonly string[];
  readonly topOrigins?: readonly string[];
  /** Default: true. */
  readonly userVerification?: boolean;
};

export type VerifiedRegistration = {
  readonly publicKey: PublicKey;
  /** base64url. */
  readonly credentialId: string;
  readonly aaguid: string;
  readonly origin: string;
  readonly flags: AuthenticatorFlags;
  readonly attestation: Attestation;
};

/** Never rejects for bad evidence. Fails with the first thing that is wrong; the list of codes is {@link RegistrationCode}. */
export async function verifyRegistration(
  unverified: Json,
  expected: RegistrationExpectations,
  primitives: Primitives,
): Promise<RegistrationResult<VerifiedRegistration>> {
  const response = parseRegistrationResponse(unverified);
  if (!response.ok) return response;
  const client = checkClientData(response.value.clientDataJSON, expected.challenge);
  if (!client.ok) return client;
  const attestationObject = parseAttestationObject(response.value.attestationObject);
  if (!attestationObject.ok) return attestationObject;
  const attested = parseAttestedCredential(attestationObject.value.authenticatorData);
  if (!attested.ok) return attested;
  const { data, credentialId, coseKey, aaguid } = attested.value;
  // The verifier's own rule for approvals: a passkey that is taken here has to be of use there.
  const place = { rp_id: expected.rpId, origins: expected.origins, top_origins: expected.topOrigins ?? [] };
  const where = checkPasskeyOrigin(place, { ...data, ...client.value }, primitives.sha256);
  if (!where.ok) {
    return refuse('signer_origin', where.detail, {
      expected: `${expected.rpId} at ${expected.origins.join(', ')}`,
      computed: client.value.origin,
    });
  }
  if ((expected.userVerification ?? true) && !data.userVerified) {
    return refuse('user_not_verified', 'the authenticator did not verify its user, as approvals will have to');
  }
  if (!equalBytes(credentialId, response.value.credentialId)) {
    return refuse('credential_id_mismatch', 'the credential that was made is another one than "id" says', {
      expected: base64urlEncode(credentialId),
      computed: base64urlEncode(response.value.credentialId),
    });
  }
  const key = readKey(coseKey, primitives);
  if (!key.ok) return key;
  const copies = checkCopies(response.value.copies, attestationObject.value.authenticatorData, key.value);
  if (!copies.ok) return copies;
  const attestation = await judgeAttestation(
    { ...attestationObject.value, ...key.value, clientDataJSON: response.value.clientDataJSON },
    primitives,
  );
  if (!attestation.ok) return attestation;
  const { userPresent, userVerified, backupEligible, backedUp } = data;
  return {
    ok: true,
    value: {
      publicKey: key.value.publicKey,
      credentialId: base64urlEncode(credentialId),
      aaguid,
      origin: client.value.origin,
      flags: { userPresent, userVerified, backupEligible, backedUp },
      attestation: attestation.value,
    },
  };
}

type Where = { readonly origin: string; readonly crossOrigin: boolean; readonly topOrigin: string | undefined };

function checkClientData(bytes: Uint8Array, challenge: Uint8Array): RegistrationResult<Where> {
  const client = fromVerifier(parseClientData(bytes), 'client_data_malformed');
  if (!client.ok) return client;
  const { type, challenge: signed, ...where } = client.value;
  if (type !== 'webauthn.create') {
    return refuse('client_data_type', 'client data: type is not webauthn.create, so it is no registration', {
      expected: 'webauthn.create',
      computed: type,
    });
  }
  if (equalBytes(signed, challenge)) return { ok: true, value: where };
  return refuse('challenge_mismatch', 'client data: the challenge is another one, so it answers another request', {
    expected: base64urlEncode(challenge),
    computed: base64urlEncode(signed),
  });
}

type CredentialKey = { readonly publicKey: PublicKey; readonly algorithm: number };

function readKey(coseKey: Uint8Array, { sha256 }: Primitives): RegistrationResult<CredentialKey> {
  const spki = fromVerifier(coseKeyToSpki(coseKey), 'key_malformed');
  if (!spki.ok) return spki;
  const publicKey = fromVerifier(parsePublicKey(spki.value, sha256), 'key_malformed');
  if (!publicKey.ok) return publicKey;
  const decoded = decodeCbor(coseKey);
  const map = decoded.ok ? decoded.value.value : undefined;
  const algorithm = map instanceof Map ? map.get(3) : undefined;
  if (typeof algorithm !== 'number') return refuse('key_malformed', 'COSE key: alg is not a number');
  return { ok: true, value: { publicKey: publicKey.value, algorithm } };
}

/** Whoever reads the copies instead of the evidence must not be told of another key. */
function checkCopies(
  { authenticatorData, publicKey, publicKeyAlgorithm }: RegistrationResponse['copies'],
  attested: Uint8Array,
  key: CredentialKey,
): RegistrationResult<void> {
  const differs = (name: string) =>
    refuse('copy_mismatch', `"${name}" is not what the attestation object holds, which alone counts`);
  if (authenticatorData !== undefined && !equalBytes(authenticatorData, attested)) return differs('authenticatorData');
  if (publicKey !== undefined && !equalBytes(publicKey, key.publicKey.spki)) return differs('publicKey');
  if (publicKeyAlgorithm !== undefined && publicKeyAlgorithm !== key.algorithm) return differs('publicKeyAlgorithm');
  return { ok: true, value: undefined };
}
