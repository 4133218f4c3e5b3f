/**
 * Passkey assertions: WebAuthn Level 3 §6.1 (authenticator data), §5.8.1 (client data), §7.2 (verifying an assertion),
 * those steps that any third party can repeat from the bytes alone.
 *
 * What was approved is in the challenge: `nonce ‖ hash`. The nonce is the service's, fresh for each request. Origin,
 * RP ID, `crossOrigin`, `topOrigin` and user verification are reported and not judged: they are validly signed
 * whatever they say, and which of them are good is for the verifier's trust root and policy. The counter is reported
 * only (0 means that there is none), as there is no account whose last counter it could be compared with.
 */
import { base64urlDecode } from './base64.ts';
import { equalBytes, shortLived } from './bytes.ts';
import { decodeCbor } from './cbor.ts';
import { parseJson } from './json.ts';
import { type Primitives, type PublicKey, webCryptoPrimitives } from './primitives.ts';
import { type Failure, fail, ok, type Result } from './result.ts';
import { checkSignatureSoon } from './signature.ts';
import { onceThere, type Soon } from './soon.ts';

export type AuthenticatorFlags = {
  readonly userPresent: boolean;
  readonly userVerified: boolean;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
};

export type AuthenticatorData = AuthenticatorFlags & {
  /** SHA-256 of the RP ID, 32 bytes. */
  readonly rpIdHash: Uint8Array;
  readonly signCount: number;
};

export type ClientData = {
  readonly type: string;
  readonly challenge: Uint8Array;
  readonly origin: string;
  /** Absent in older clients, which had no such frames: false. */
  readonly crossOrigin: boolean;
  readonly topOrigin: string | undefined;
};

/** What a verified assertion says; nothing in here has been judged. */
export type Assertion = AuthenticatorData & Omit<ClientData, 'type' | 'challenge'>;

export type UnverifiedAssertion = {
  readonly publicKey: PublicKey;
  readonly authenticatorData: Uint8Array;
  readonly clientDataJSON: Uint8Array;
  /** As the authenticator made it: ES256 in DER. */
  readonly signature: Uint8Array;
  /** 16 to 64 bytes. */
  readonly nonce: Uint8Array;
  /** SHA-256 of what is approved. */
  readonly hash: Uint8Array;
};

const NONCE_MIN = 16;
const NONCE_MAX = 64;
const FIXED_LENGTH = 37;
const CLIENT_DATA_LIMITS = { maxBytes: 65_536, maxDepth: 64 } as const;

/**
 * Authenticator data of an assertion: rpIdHash (32) ‖ flags (1) ‖ signCount (4) ‖ extensions (a CBOR map, if ED is set).
 *
 *     SHA-256("example.com") ‖ 05 ‖ 00000000      UP and UV, no counter
 *
 * @returns `authenticator_data_malformed`, `attested_data_present`, `user_not_present` or `backup_state_invalid`.
 */
export function parseAuthenticatorData(bytes: Uint8Array): Result<AuthenticatorData> {
  if (bytes.length < FIXED_LENGTH) return fail('authenticator_data_malformed', 'authenticator data: under 37 bytes');
  const flags = bytes[32]!;
  const data: AuthenticatorData = {
    rpIdHash: bytes.slice(0, 32),
    userPresent: isSet(flags, 0),
    userVerified: isSet(flags, 2),
    backupEligible: isSet(flags, 3),
    backedUp: isSet(flags, 4),
    signCount: bytes[33]! * 2 ** 24 + (bytes[34]! << 16) + (bytes[35]! << 8) + bytes[36]!,
  };
  // Bits 1 and 5 are reserved: ignored, as §6.1 wants it.
  // §6.1: AT is for registrations. Were it allowed here, up to 64 kB chosen by someone else would stand in signed bytes.
  if (isSet(flags, 6)) return fail('attested_data_present', 'authenticator data: an assertion attests no credential');
  const extensions = checkExtensions(bytes.subarray(FIXED_LENGTH), isSet(flags, 7));
  if (!extensions.ok) return extensions;
  if (!data.userPresent) return fail('user_not_present', 'authenticator data: nobody was there (UP is not set)');
  if (data.backedUp && !data.backupEligible) {
    return fail('backup_state_invalid', 'authenticator data: backed up, but not eligible for backup');
  }
  return ok(data);
}

/**
 * Client data, parsed as JSON and never matched as text: clients differ in the order of keys and add keys of their own.
 * A byte order mark is refused (§5.8.1 would drop it; no client writes one), and so is a key that stands twice, since
 * parsers disagree about which one counts.
 *
 *     {"type":"webauthn.get","challenge":"…","origin":"https://example.com","crossOrigin":false}
 *
 * @returns `client_data_malformed`. `type` is not judged here.
 */
export function parseClientData(bytes: Uint8Array): Result<ClientData> {
  const json = parseJson(bytes, CLIENT_DATA_LIMITS);
  if (!json.ok) return badClientData(`${json.code}: ${json.detail}`);
  const members = json.value;
  if (typeof members !== 'object' || members === null || !('type' in members)) return badClientData('no type');
  const { type, challenge, origin, crossOrigin = false, topOrigin } = members;
  if (typeof type !== 'string') return badClientData('type is not a string');
  if (typeof challenge !== 'string') return badClientData('challenge is not a string');
  if (typeof origin !== 'string') return badClientData('origin is not a string');
  if (typeof crossOrigin !== 'boolean') return badClientData('crossOrigin is not a boolean');
  if (topOrigin !== undefined && typeof topOrigin !== 'string') return badClientData('topOrigin is not a string');
  const decoded = base64urlDecode(challenge);
  if (!decoded.ok) return badClientData('challenge is not base64url');
  return ok({ type, challenge: decoded.value, origin, crossOrigin, topOrigin });
}

/**
 * §7.2, over `authenticatorData ‖ SHA-256(clientDataJSON)`, with the challenge `nonce ‖ hash`.
 * @returns what was signed; or the code of the first thing that is wrong: `nonce_length`, `client_data_malformed`,
 *   `client_data_type`, `challenge_mismatch`, one of `parseAuthenticatorData` or one of `checkSignature`.
 */
export async function verifyAssertion(
  unverified: UnverifiedAssertion,
  primitives: Primitives = webCryptoPrimitives,
): Promise<Result<Assertion>> {
  return verifyAssertionSoon(unverified, primitives);
}

/** The same, at once where the primitive answers at once. */
export function verifyAssertionSoon(unverified: UnverifiedAssertion, primitives: Primitives): Soon<Result<Assertion>> {
  const { publicKey, authenticatorData, clientDataJSON, signature, nonce, hash } = unverified;
  if (nonce.length < NONCE_MIN || nonce.length > NONCE_MAX) {
    return fail('nonce_length', `nonce: ${NONCE_MIN} to ${NONCE_MAX} bytes, not ${nonce.length}`);
  }
  const client = parseClientData(clientDataJSON);
  if (!client.ok) return client;
  const { type, challenge, origin, crossOrigin, topOrigin } = client.value;
  if (type !== 'webauthn.get') return fail('client_data_type', 'client data: type is not webauthn.get');
  const isAsked =
    equalBytes(challenge.subarray(0, nonce.length), nonce) && equalBytes(challenge.subarray(nonce.length), hash);
  if (!isAsked) {
    return fail('challenge_mismatch', 'client data: the challenge is not the nonce and the hash of what is approved');
  }
  const data = parseAuthenticatorData(authenticatorData);
  if (!data.ok) return data;
  const signed = shortLived(authenticatorData.length + 32);
  signed.set(authenticatorData);
  signed.set(primitives.sha256(clientDataJSON), authenticatorData.length);
  // Named members first, as in checkContent.
  const assertion: Assertion = { origin, crossOrigin, topOrigin, ...data.value };
  return onceThere(checkSignatureSoon(publicKey, signature, signed, primitives), (checked) =>
    checked.ok ? ok(assertion) : checked,
  );
}

/** §6.1, §9.5: one CBOR map from text to anything, and nothing after it. What it says is not interpreted. */
function checkExtensions(bytes: Uint8Array, announced: boolean): Result<void> {
  if (!announced) {
    return bytes.length === 0 ? ok(undefined) : fail('authenticator_data_malformed', 'authenticator data: extra bytes');
  }
  const decoded = decodeCbor(bytes);
  if (!decoded.ok) return decoded;
  const { value, length } = decoded.value;
  if (!(value instanceof Map) || ![...value.keys()].every((name) => typeof name === 'string')) {
    return fail('authenticator_data_malformed', 'authenticator data: extensions are not a map from text');
  }
  return length === bytes.length
    ? ok(undefined)
    : fail('authenticator_data_malformed', 'authenticator data: bytes follow the extensions');
}

function isSet(flags: number, bit: number): boolean {
  return (flags & (1 << bit)) !== 0;
}

function badClientData(detail: string): Failure {
  return fail('client_data_malformed', `client data: ${detail}`);
}
