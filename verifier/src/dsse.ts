/**
 * Envelopes: a restricted profile of DSSE v1 (https://github.com/secure-systems-lab/dsse, protocol.md and envelope.md),
 * formats.md §3.
 *
 *     { "payloadType": "application/vnd.assent.approval.v1+json",
 *       "payload": b64(statement),
 *       "signatures": [                                  // 1 to 16, sorted by keyid, each keyid once
 *         { "keyid": "sha256:<hex of SHA-256(SPKI)>",    // recomputed: in DSSE it is only a hint
 *           "publicKey": b64(SPKI),                      // so that anyone can check; trust comes from elsewhere
 *           "sig": b64,
 *           "webauthn": { "authenticatorData": b64, "clientDataJSON": b64, "nonce": b64 } } ] }   // passkeys only
 *
 * What is signed is the PAE: `DSSEv1 29 http://example.com/HelloWorld 11 hello world` for that type and payload. A key signs
 * it directly; a passkey signs `authenticatorData ‖ SHA-256(clientDataJSON)` with `challenge = nonce ‖ SHA-256(PAE)`.
 *
 * Stricter than DSSE: one base64 alphabet, no unknown members, and every signature has to verify. An envelope with one good
 * and one bad signature would otherwise read as "two signed" to anyone who counts.
 */
import { base64Encode } from './base64.ts';
import { shortLived, utf8Encode, utf8Encoder } from './bytes.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import { arrayOf, base64Bytes, digest, type Field, named, object, optional, text } from './document.ts';
import { knownPublicKey } from './known-keys.ts';
import { type Primitives, type PublicKey, webCryptoPrimitives } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';
import { checkSignatureSoon, isForPasskeysOnly } from './signature.ts';
import { onceThere, type Soon } from './soon.ts';
import { type Assertion, verifyAssertionSoon } from './webauthn.ts';

export const MAX_SIGNATURES = 16;

export type WebauthnParts = {
  readonly authenticatorData: Uint8Array;
  readonly clientDataJSON: Uint8Array;
  /** 16 to 64 random bytes that stand before the hash in the challenge. */
  readonly nonce: Uint8Array;
};

export type EnvelopeSignature = {
  readonly publicKey: PublicKey;
  /** Ed25519: 64 bytes. ECDSA: DER. RSA: as long as the modulus. */
  readonly sig: Uint8Array;
  readonly webauthn?: WebauthnParts;
};

export type Envelope = {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly EnvelopeSignature[];
};

/** The outer members alone: enough to say what the envelope is about while its signatures are unread. */
export type UnreadEnvelope = { readonly payloadType: string; readonly payload: Uint8Array; readonly signatures: Json };

export type VerifiedSignature =
  | { readonly kind: 'key'; readonly publicKey: PublicKey }
  | { readonly kind: 'passkey'; readonly publicKey: PublicKey; readonly assertion: Assertion };

/**
 * DSSE's pre-authentication encoding; both lengths count bytes. In memory that other such bytes share ({@link shortLived}). Throws
 * TypeError on a type with a lone surrogate.
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const typeLength = utf8Encode(payloadType).length;
  const head = `DSSEv1 ${typeLength} ${payloadType} ${payload.length} `;
  const headLength = head.length - payloadType.length + typeLength;
  const bytes = shortLived(headLength + payload.length);
  utf8Encoder.encodeInto(head, bytes);
  bytes.set(payload, headLength);
  return bytes;
}

const anything: Field<Json> = (value) => ok(value);

/** How the bytes in an envelope are written, and the readers of its members that follow from it. */
export type EnvelopeForm = {
  readonly members: Field<UnreadEnvelope>;
  readonly signatures: Field<readonly SignatureItem[]>;
};

type SignatureItem = {
  readonly keyid: string;
  readonly publicKey: Uint8Array;
  readonly sig: Uint8Array;
  readonly webauthn?: WebauthnParts;
};

export function envelopeForm(bytes: Field<Uint8Array>): EnvelopeForm {
  const webauthn = object({ authenticatorData: bytes, clientDataJSON: bytes, nonce: bytes });
  return {
    members: object({ payloadType: text, payload: bytes, signatures: anything }),
    signatures: arrayOf(object({ keyid: digest, publicKey: bytes, sig: bytes, webauthn: optional(webauthn) })),
  };
}

/** Ours. */
const strictForm = envelopeForm(base64Bytes);

/** Reads payload and type, and leaves the signatures unread. */
export function readEnvelope(value: Json, { members }: EnvelopeForm = strictForm): Result<UnreadEnvelope> {
  return named('envelope', members(value));
}

/**
 * Fails with the codes of members, `signatures_count`, `signatures_unsorted` (or one keyid twice), `keyid_mismatch`, and
 * those of {@link parsePublicKey}. No signature is verified yet.
 */
export function readSignatures(
  value: Json,
  hash: Sha256 = sha256,
  form: EnvelopeForm = strictForm,
): Result<readonly EnvelopeSignature[]> {
  // Counted first: what is refused for its number should not cost the parsing of thousands.
  if (Array.isArray(value) && (value.length < 1 || value.length > MAX_SIGNATURES)) {
    return fail('signatures_count', `an envelope has 1 to ${MAX_SIGNATURES} signatures, not ${value.length}`);
  }
  const items = named('signatures', form.signatures(value));
  if (!items.ok) return items;
  const signatures: EnvelopeSignature[] = [];
  let previous = '';
  for (const { keyid, publicKey: spki, sig, webauthn } of items.value) {
    if (keyid <= previous)
      return fail('signatures_unsorted', 'signatures are not sorted by keyid, or one keyid is there twice');
    previous = keyid;
    const publicKey = knownPublicKey(keyid, spki, hash);
    if (!publicKey.ok) return named(`signatures[${signatures.length}]: `, publicKey);
    if (publicKey.value.keyid !== keyid) {
      return fail('keyid_mismatch', `signatures[${signatures.length}].keyid is not the hash of its public key`);
    }
    signatures.push({ publicKey: publicKey.value, sig, ...(webauthn && { webauthn }) });
  }
  return ok(signatures);
}

/** Both of the above. */
export function parseEnvelope(value: Json, hash: Sha256 = sha256, form: EnvelopeForm = strictForm): Result<Envelope> {
  const envelope = readEnvelope(value, form);
  if (!envelope.ok) return envelope;
  const signatures = readSignatures(envelope.value.signatures, hash, form);
  return signatures.ok ? ok({ ...envelope.value, signatures: signatures.value }) : signatures;
}

/**
 * Verifies every signature; one that fails, fails the envelope, with the first one's code. `unsupported` if this runtime
 * lacks an algorithm and none failed.
 */
export async function verifyEnvelope(
  { payloadType, payload, signatures }: Envelope,
  primitives: Primitives = webCryptoPrimitives,
): Promise<Result<readonly VerifiedSignature[]>> {
  return verifySignatures(signatures, preAuthEncoding(payloadType, payload), primitives);
}

/** The same over any bytes: other systems sign other ones than the PAE. At once where the primitive answers at once. */
export function verifySignatures(
  signatures: readonly EnvelopeSignature[],
  signed: Uint8Array,
  primitives: Primitives,
): Soon<Result<readonly VerifiedSignature[]>> {
  const signedHash = primitives.sha256(signed);
  const results = signatures.map((signature) => verifySignature(signature, signed, signedHash, primitives));
  return results.some((result) => result instanceof Promise)
    ? Promise.all(results).then(allVerified)
    : allVerified(results as readonly Result<VerifiedSignature>[]);
}

function allVerified(results: readonly Result<VerifiedSignature>[]): Result<readonly VerifiedSignature[]> {
  const verified: VerifiedSignature[] = [];
  let unsupported: Result<readonly VerifiedSignature[]> | undefined;
  for (const [index, result] of results.entries()) {
    if (result.ok) verified.push(result.value);
    else if (result.code === 'unsupported') unsupported ??= named(`signatures[${index}]: `, result);
    else return named(`signatures[${index}]: `, result);
  }
  return unsupported ?? ok(verified);
}

function verifySignature(
  { publicKey, sig, webauthn }: EnvelopeSignature,
  signed: Uint8Array,
  signedHash: Uint8Array,
  primitives: Primitives,
): Soon<Result<VerifiedSignature>> {
  if (webauthn === undefined) {
    if (isForPasskeysOnly(publicKey)) {
      return fail('key_unsupported', 'an RSA or ML-DSA key signs as a passkey only');
    }
    return onceThere(checkSignatureSoon(publicKey, sig, signed, primitives), (checked) =>
      checked.ok ? ok({ kind: 'key', publicKey }) : checked,
    );
  }
  const unverified = { publicKey, signature: sig, hash: signedHash, ...webauthn };
  return onceThere(verifyAssertionSoon(unverified, primitives), (assertion) =>
    assertion.ok ? ok({ kind: 'passkey', publicKey, assertion: assertion.value }) : assertion,
  );
}

/**
 * Makes the envelope's JSON, its signatures sorted. Throws RangeError unless 1 to 16 different keys signed. It does not
 * verify: the log will.
 */
export function formatEnvelope({ payloadType, payload, signatures }: Envelope): JsonObject {
  const keyids = new Set(signatures.map(({ publicKey }) => publicKey.keyid));
  if (signatures.length < 1 || signatures.length > MAX_SIGNATURES || keyids.size !== signatures.length) {
    throw new RangeError(`signatures: 1 to ${MAX_SIGNATURES} of different keys`);
  }
  const sorted = [...signatures].sort((a, b) => (a.publicKey.keyid < b.publicKey.keyid ? -1 : 1));
  return { payloadType, payload: base64Encode(payload), signatures: sorted.map(formatSignature) };
}

function formatSignature({ publicKey, sig, webauthn }: EnvelopeSignature): JsonObject {
  const signature = { keyid: publicKey.keyid, publicKey: base64Encode(publicKey.spki), sig: base64Encode(sig) };
  if (webauthn === undefined) return signature;
  return {
    ...signature,
    webauthn: {
      authenticatorData: base64Encode(webauthn.authenticatorData),
      clientDataJSON: base64Encode(webauthn.clientDataJSON),
      nonce: base64Encode(webauthn.nonce),
    },
  };
}
