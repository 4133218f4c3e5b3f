/**
 * Registrations of passkeys as a browser answers them (WebAuthn Level 3 §5.1.8 and §6.5), and as nobody should. It shares no code
 * with what judges them.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { TestAuthenticator } from './authenticator.ts';

export type RegistrationOptions = {
  readonly challenge: Uint8Array;
  /** Default `none`; `self` is packed and signed by the passkey itself. */
  readonly attestation?: 'none' | 'self' | { readonly format: string; readonly statement: Cbor };
  /** Default: UP, UV and AT. */
  readonly flags?: number;
  /** Members that are added to the client data, or replace one of its own. */
  readonly clientData?: Readonly<Record<string, unknown>>;
  /** Stands in the authenticator data. Default: the authenticator's. */
  readonly rpId?: string;
  readonly coseKey?: Uint8Array;
  /** Default: the authenticator's, as it stands in `id` too. */
  readonly attestedId?: Uint8Array;
  /** CBOR that follows the key. */
  readonly extensions?: Uint8Array;
  /** Changes the authenticator data before it is signed. */
  readonly authenticatorData?: (bytes: Uint8Array) => Uint8Array;
  /** Changes the attestation object, which nothing signs. */
  readonly attestationObject?: (bytes: Uint8Array) => Uint8Array;
  /** Members of `response` that replace those that fit. */
  readonly response?: Readonly<Record<string, unknown>>;
  /** Members of the whole that replace those that fit. */
  readonly overrides?: Readonly<Record<string, unknown>>;
};

/** RegistrationResponseJSON. */
export type TestRegistration = {
  readonly type: string;
  readonly id: string;
  readonly rawId: string;
  readonly response: Readonly<Record<string, unknown>>;
  readonly clientExtensionResults: object;
};

const COSE_ALGORITHMS = { ES256: -7, EdDSA: -8, 'ML-DSA-44': -48, RS256: -257 } as const;

export function createRegistration(authenticator: TestAuthenticator, options: RegistrationOptions): TestRegistration {
  const { challenge, attestation = 'none', flags = 0x45, response = {}, overrides = {} } = options;
  const { origin, spki, algorithm } = authenticator;
  const id = options.attestedId ?? authenticator.credentialId;
  const clientDataJSON = Buffer.from(
    JSON.stringify({
      type: 'webauthn.create',
      challenge: Buffer.from(challenge).toString('base64url'),
      origin,
      crossOrigin: false,
      ...options.clientData,
    }),
  );
  const authData = Buffer.concat([
    sha256(Buffer.from(options.rpId ?? authenticator.rpId)),
    Uint8Array.of(flags, 0, 0, 0, 0),
    Buffer.alloc(16, 7),
    Uint8Array.of(Math.floor(id.length / 256), id.length % 256),
    id,
    options.coseKey ?? authenticator.coseKey,
    options.extensions ?? new Uint8Array(),
  ]);
  const authenticatorData = options.authenticatorData?.(new Uint8Array(authData)) ?? authData;
  const [format, statement]: readonly [string, Cbor] =
    attestation === 'none'
      ? ['none', new Map()]
      : attestation === 'self'
        ? ['packed', selfStatement(authenticator, authenticatorData, clientDataJSON)]
        : [attestation.format, attestation.statement];
  const object = encodeCbor(
    new Map<string, Cbor>([
      ['fmt', format],
      ['attStmt', statement],
      ['authData', authenticatorData],
    ]),
  );
  const attestationObject = options.attestationObject?.(object) ?? object;
  const credentialId = b64u(authenticator.credentialId);
  return {
    type: 'public-key',
    id: credentialId,
    rawId: credentialId,
    clientExtensionResults: {},
    ...overrides,
    response: {
      clientDataJSON: b64u(clientDataJSON),
      attestationObject: b64u(attestationObject),
      authenticatorData: b64u(authenticatorData),
      publicKey: b64u(spki),
      publicKeyAlgorithm: COSE_ALGORITHMS[algorithm],
      transports: ['internal'],
      ...response,
    },
  };
}

function selfStatement(
  authenticator: TestAuthenticator,
  authenticatorData: Uint8Array,
  clientDataJSON: Uint8Array,
): Cbor {
  return new Map<string, Cbor>([
    ['alg', COSE_ALGORITHMS[authenticator.algorithm]],
    ['sig', authenticator.sign(authenticatorData, clientDataJSON)],
  ]);
}

/** Enough of CBOR for attestation objects. */
export type Cbor = number | string | Uint8Array | readonly Cbor[] | ReadonlyMap<number | string, Cbor>;

export function encodeCbor(value: Cbor): Uint8Array {
  return new Uint8Array(encode(value));
}

function encode(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map) {
    return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [encode(key), encode(item)])]);
  }
  const items = value as readonly Cbor[];
  return Buffer.concat([head(4, items.length), ...items.map(encode)]);
}

function head(major: number, argument: number): Buffer {
  const type = major * 32;
  if (argument < 24) return Buffer.of(type + argument);
  if (argument < 256) return Buffer.of(type + 24, argument);
  return Buffer.of(type + 25, Math.floor(argument / 256), argument % 256);
}

export function newChallenge(): Uint8Array {
  return new Uint8Array(randomBytes(32));
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const b64u = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
