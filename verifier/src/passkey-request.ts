/**
 * Asking a passkey to sign a statement (formats.md §3; WebAuthn Level 3 §5.5 and §7.2), for approval services.
 *
 * `challenge = nonce ‖ SHA-256(PAE)`: the authenticator signs the statement itself and not a session's token, and the nonce
 * keeps the challenge from being known before the service asks. The options are in WebAuthn's JSON form (§5.1.8), which
 * `PublicKeyCredential.parseRequestOptionsFromJSON` and the usual browser libraries take.
 *
 * A credential that approves must never sign people in: a malicious sign-in page could choose an approval's hash as its
 * challenge, and no verifier can see that.
 */
import { APPROVAL_PAYLOAD_TYPE } from './approval.ts';
import { base64urlDecode, base64urlEncode } from './base64.ts';
import { concatBytes } from './bytes.ts';
import { type EnvelopeSignature, preAuthEncoding } from './dsse.ts';
import type { PublicKey } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { sha256 } from './sha256.ts';

const NONCE_BYTES = 32;

export type AllowedCredential = {
  readonly type: 'public-key';
  /** base64url of the credential id. */
  readonly id: string;
  readonly transports?: readonly string[];
};

export type PasskeyRequest = {
  /** Keep it: the envelope carries it beside the signature. */
  readonly nonce: Uint8Array;
  /** WebAuthn's PublicKeyCredentialRequestOptionsJSON. */
  readonly publicKey: {
    readonly challenge: string;
    readonly rpId: string;
    readonly allowCredentials: readonly AllowedCredential[];
    readonly userVerification: 'required' | 'preferred' | 'discouraged';
    /** Milliseconds. */
    readonly timeout: number;
  };
};

/**
 * @param payload the statement's bytes, from `formatStatement`.
 * @param timeout milliseconds, 5 minutes unless given: a person has to read what they approve.
 */
export function passkeyRequest({
  payload,
  payloadType = APPROVAL_PAYLOAD_TYPE,
  rpId,
  allowCredentials = [],
  userVerification = 'required',
  timeout = 300_000,
}: {
  readonly payload: Uint8Array;
  readonly payloadType?: string;
  readonly rpId: string;
  readonly allowCredentials?: readonly AllowedCredential[];
  readonly userVerification?: PasskeyRequest['publicKey']['userVerification'];
  readonly timeout?: number;
}): PasskeyRequest {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const challenge = concatBytes(nonce, sha256(preAuthEncoding(payloadType, payload)));
  return {
    nonce,
    publicKey: { challenge: base64urlEncode(challenge), rpId, allowCredentials, userVerification, timeout },
  };
}

/** What the browser answers (`PublicKeyCredential.toJSON().response`), base64url as it comes. */
export type AssertionResponse = {
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
};

/**
 * Puts the browser's answer in an envelope's form. It does not verify; `verifyEnvelope` does. Fails with `wrong_type` or
 * `bad_base64`, as the answer comes from outside.
 *
 * @param publicKey the enrolled key of the credential that answered, never one out of the answer.
 */
export function envelopeSignatureFromAssertion(
  publicKey: PublicKey,
  nonce: Uint8Array,
  response: AssertionResponse,
): Result<EnvelopeSignature> {
  const authenticatorData = decode('authenticatorData', response.authenticatorData);
  if (!authenticatorData.ok) return authenticatorData;
  const clientDataJSON = decode('clientDataJSON', response.clientDataJSON);
  if (!clientDataJSON.ok) return clientDataJSON;
  const signature = decode('signature', response.signature);
  if (!signature.ok) return signature;
  const webauthn = { authenticatorData: authenticatorData.value, clientDataJSON: clientDataJSON.value, nonce };
  return ok({ publicKey, sig: signature.value, webauthn });
}

function decode(name: string, value: unknown): Result<Uint8Array> {
  if (typeof value !== 'string') return fail('wrong_type', `response.${name} is not a string`);
  const bytes = base64urlDecode(value);
  return bytes.ok ? bytes : fail(bytes.code, `response.${name} is not unpadded base64url`);
}
