import {
  APPROVAL_PAYLOAD_TYPE,
  base64Decode,
  base64Encode,
  base64urlDecode,
  base64urlEncode,
  hexEncode,
  type PublicKey,
  parsePublicKey,
  passkeyRequest,
  preAuthEncoding,
  sha256,
} from '@assent/verifier';
import { CEREMONY, PASSKEY_NAMES, STEP } from '../../words/demo.ts';

const STORAGE_NAME = 'assent.demo-passkey';
/** COSE: ES256, EdDSA, RS256, as the log accepts them; what is common comes first. */
const ALGORITHMS = [-7, -8, -257];
const TIMEOUT_MS = 300_000;

export type Passkey = { readonly id: Uint8Array; readonly publicKey: PublicKey };

/** What a passkey has signed, and what went into it. */
export type SignedDecision = {
  readonly nonce: Uint8Array;
  /** Hex of nonce ‖ SHA-256(PAE). */
  readonly challenge: string;
  readonly response: {
    readonly authenticatorData: string;
    readonly clientDataJSON: string;
    readonly signature: string;
  };
};

/** Rejects with the browser's DOMException, or with an Error in words for the person. */
export async function makePasskey(): Promise<Passkey> {
  const credential = await navigator.credentials.create({
    publicKey: {
      // Nobody looks at the answer to this challenge: the key proves itself when it signs an approval.
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      rp: { id: location.hostname, name: PASSKEY_NAMES.site },
      user: {
        id: crypto.getRandomValues(new Uint8Array(16)),
        name: PASSKEY_NAMES.user,
        displayName: PASSKEY_NAMES.user,
      },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      authenticatorSelection: { residentKey: 'discouraged', userVerification: 'required' },
      attestation: 'none',
      timeout: TIMEOUT_MS,
    },
  });
  const response = credential instanceof PublicKeyCredential ? credential.response : undefined;
  const spki = response instanceof AuthenticatorAttestationResponse ? response.getPublicKey() : null;
  if (!(credential instanceof PublicKeyCredential) || spki === null) {
    throw new Error(CEREMONY.noKey);
  }
  const publicKey = parsePublicKey(new Uint8Array(spki));
  if (!publicKey.ok) throw new Error(CEREMONY.unusableKey(publicKey.detail));
  return { id: new Uint8Array(credential.rawId), publicKey: publicKey.value };
}

/**
 * Lets the passkey sign a statement. The challenge is computed here, from the statement's own bytes: a challenge that a
 * server supplies could be the hash of anything.
 */
export async function signStatement(payload: Uint8Array, passkey: Passkey): Promise<SignedDecision> {
  const { nonce, publicKey } = passkeyRequest({ payload, rpId: location.hostname });
  const challenge = new Uint8Array([...nonce, ...sha256(preAuthEncoding(APPROVAL_PAYLOAD_TYPE, payload))]);
  const assertion = await navigator.credentials.get({
    publicKey: {
      challenge,
      rpId: publicKey.rpId,
      allowCredentials: [{ type: 'public-key', id: new Uint8Array(passkey.id) }],
      userVerification: publicKey.userVerification,
      timeout: publicKey.timeout,
    },
  });
  const response = assertion instanceof PublicKeyCredential ? assertion.response : undefined;
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new Error(CEREMONY.noSignature);
  const encode = (bytes: ArrayBuffer) => base64urlEncode(new Uint8Array(bytes));
  return {
    nonce,
    challenge: hexEncode(challenge),
    response: {
      authenticatorData: encode(response.authenticatorData),
      clientDataJSON: encode(response.clientDataJSON),
      signature: encode(response.signature),
    },
  };
}

/** The public half, kept in this browser so that the page can be loaded again. */
export function rememberPasskey({ id, publicKey }: Passkey): void {
  const stored = { id: base64urlEncode(id), publicKey: base64Encode(publicKey.spki) };
  withStorage((storage) => storage.setItem(STORAGE_NAME, JSON.stringify(stored)));
}

export function rememberedPasskey(): Passkey | undefined {
  const stored = withStorage((storage) => storage.getItem(STORAGE_NAME)) ?? null;
  const match = stored === null ? null : /^\{"id":"([\w-]+)","publicKey":"([\w+/=]+)"\}$/.exec(stored);
  const id = base64urlDecode(match?.[1] ?? '!');
  const spki = base64Decode(match?.[2] ?? '!');
  if (!id.ok || !spki.ok) return undefined;
  const publicKey = parsePublicKey(spki.value);
  return publicKey.ok ? { id: id.value, publicKey: publicKey.value } : undefined;
}

/** A browser may forbid storage; then the passkey is forgotten with the page. */
function withStorage<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage);
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** Why a ceremony came to nothing, for the person who sat through it. */
export function ceremonyProblem(error: unknown): string {
  if (!(error instanceof DOMException)) return error instanceof Error ? error.message : STEP.wrong;
  switch (error.name) {
    case 'NotAllowedError':
      return CEREMONY.notUsed;
    case 'SecurityError':
      return CEREMONY.notAllowed;
    case 'NotSupportedError':
      return CEREMONY.noKind;
    default:
      return CEREMONY.refused(error.name);
  }
}
