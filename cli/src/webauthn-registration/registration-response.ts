/**
 * What a browser answers when a passkey was made: WebAuthn Level 3 §5.1.8, RegistrationResponseJSON, as
 * `PublicKeyCredential.toJSON()` gives it.
 *
 *     { "type": "public-key", "id": b64u, "rawId": b64u, "authenticatorAttachment": "platform", "clientExtensionResults": {},
 *       "response": { "clientDataJSON": b64u, "attestationObject": b64u,
 *                     "authenticatorData": b64u, "publicKey": b64u, "publicKeyAlgorithm": -7, "transports": ["internal"] } }
 *
 * `clientDataJSON` and `attestationObject` are the evidence. What else the browser says about the key is a copy out of these two:
 * compared where it is there, and never taken. Other members are ignored, as browsers add some.
 */
import { base64urlDecode, type Json, type JsonObject } from '@assent/verifier';
import { isObject } from '../http/problem.ts';
import { type RegistrationResult, refuse } from './registration-result.ts';

export type RegistrationResponse = {
  readonly credentialId: Uint8Array;
  readonly clientDataJSON: Uint8Array;
  readonly attestationObject: Uint8Array;
  /** The browser's copies. */
  readonly copies: {
    readonly authenticatorData?: Uint8Array;
    /** SPKI DER. */
    readonly publicKey?: Uint8Array;
    /** COSE. */
    readonly publicKeyAlgorithm?: number;
  };
};

/** §4: "a probabilistically-unique byte sequence […] at most 1023 bytes". */
export const MAX_CREDENTIAL_ID = 1023;

/** Fails with `registration_malformed`, `bad_base64` or `credential_id_mismatch`. */
export function parseRegistrationResponse(value: Json): RegistrationResult<RegistrationResponse> {
  if (!isObject(value)) return refuse('registration_malformed', 'the registration is not an object');
  if (value.type !== 'public-key') return refuse('registration_malformed', 'its type is not "public-key"');
  const { response } = value;
  if (response === undefined || !isObject(response)) {
    return refuse('registration_malformed', 'its "response" is not an object');
  }
  if ('signature' in response) {
    return refuse('registration_malformed', 'it is the answer to a sign-in or an approval, not to a registration');
  }
  const id = bytesOf(value, 'id');
  if (!id.ok) return id;
  const rawId = bytesOf(value, 'rawId');
  if (!rawId.ok) return rawId;
  if (value.id !== value.rawId) {
    return refuse('credential_id_mismatch', '"id" and "rawId" are not the same', {
      expected: String(value.id),
      computed: String(value.rawId),
    });
  }
  if (rawId.value.length < 1 || rawId.value.length > MAX_CREDENTIAL_ID) {
    return refuse('registration_malformed', `its id does not have 1 to ${MAX_CREDENTIAL_ID} bytes`);
  }
  const clientDataJSON = bytesOf(response, 'clientDataJSON');
  if (!clientDataJSON.ok) return clientDataJSON;
  const attestationObject = bytesOf(response, 'attestationObject');
  if (!attestationObject.ok) return attestationObject;
  const copies = readCopies(response);
  if (!copies.ok) return copies;
  return {
    ok: true,
    value: {
      credentialId: rawId.value,
      clientDataJSON: clientDataJSON.value,
      attestationObject: attestationObject.value,
      copies: copies.value,
    },
  };
}

function readCopies(response: JsonObject): RegistrationResult<RegistrationResponse['copies']> {
  const authenticatorData = copyOf(response, 'authenticatorData');
  if (!authenticatorData.ok) return authenticatorData;
  const publicKey = copyOf(response, 'publicKey');
  if (!publicKey.ok) return publicKey;
  const { publicKeyAlgorithm } = response;
  if (publicKeyAlgorithm !== undefined && typeof publicKeyAlgorithm !== 'number') {
    return refuse('registration_malformed', '"publicKeyAlgorithm" is not a number');
  }
  return {
    ok: true,
    value: {
      ...(authenticatorData.value && { authenticatorData: authenticatorData.value }),
      ...(publicKey.value && { publicKey: publicKey.value }),
      ...(publicKeyAlgorithm !== undefined && { publicKeyAlgorithm }),
    },
  };
}

/** Absent, or null: browsers say so where they do not know the key's kind. */
function copyOf(object: JsonObject, name: string): RegistrationResult<Uint8Array | undefined> {
  return object[name] === undefined || object[name] === null ? { ok: true, value: undefined } : bytesOf(object, name);
}

function bytesOf(object: JsonObject, name: string): RegistrationResult<Uint8Array> {
  const value = object[name];
  if (typeof value !== 'string') return refuse('registration_malformed', `"${name}" is missing, or not a string`);
  const bytes = base64urlDecode(value);
  return bytes.ok ? bytes : refuse('bad_base64', `"${name}" is not unpadded base64url`);
}
