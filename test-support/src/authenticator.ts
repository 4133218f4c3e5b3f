/**
 * A passkey without a browser: an authenticator and its client in one, for tests, the benchmark and fixtures
 * (WebAuthn Level 3 §5.8.1 and §6.3.3). It shares no code with the verifier and does what it is told: the options
 * that make no sense exist because a verifier has to refuse what comes out of them.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createMlDsaKey } from './ml-dsa.ts';

export type AuthenticatorAlgorithm = 'ES256' | 'EdDSA' | 'RS256' | 'ML-DSA-44';

export type AssertOptions = {
  readonly challenge: Uint8Array;
  /** Default true, as is `userPresent`. */
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly backupEligible?: boolean;
  readonly backedUp?: boolean;
  /** Default false. */
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  /** CBOR; sets the ED flag and follows the counter as it is. */
  readonly extensions?: Uint8Array;
  /** Default 0: no counter, as synced passkeys have it. */
  readonly signCount?: number;
  /** Members that are added to the client data, or replace one of its own. */
  readonly extraClientData?: Readonly<Record<string, unknown>>;
};

export type SignedAssertion = {
  readonly authenticatorData: Uint8Array;
  readonly clientDataJSON: Uint8Array;
  readonly signature: Uint8Array;
};

export type TestAuthenticator = {
  readonly algorithm: AuthenticatorAlgorithm;
  readonly rpId: string;
  readonly origin: string;
  readonly credentialId: Uint8Array;
  /** DER, as `AuthenticatorAttestationResponse.getPublicKey()` gives it. */
  readonly spki: Uint8Array;
  /** As it stands in the attested credential data. */
  readonly coseKey: Uint8Array;
  assert(options: AssertOptions): SignedAssertion;
  /** Signs whatever it is given: for authenticator data and client data that no client would make. */
  sign(authenticatorData: Uint8Array, clientDataJSON: Uint8Array): Uint8Array;
};

export type AuthenticatorOptions = {
  readonly algorithm?: AuthenticatorAlgorithm;
  readonly rpId?: string;
  readonly origin?: string;
  /** RS256 only; default 2048. */
  readonly modulusBits?: number;
  /** Of `algorithm`, for the same passkey each time. Default: new ones. */
  readonly keys?: AuthenticatorKeys;
  /** Default: random. */
  readonly credentialId?: Uint8Array;
};

export type AuthenticatorKeys = Pick<TestAuthenticator, 'spki' | 'coseKey'> & { sign(message: Uint8Array): Uint8Array };

const FLAGS = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10, extensions: 0x80 };

export function createAuthenticator({
  algorithm = 'ES256',
  rpId = 'localhost',
  origin = `https://${rpId}`,
  modulusBits = 2048,
  keys = newKeys(algorithm, modulusBits),
  credentialId = new Uint8Array(randomBytes(32)),
}: AuthenticatorOptions = {}): TestAuthenticator {
  const rpIdHash = sha256(Buffer.from(rpId));

  const signAssertion = (authenticatorData: Uint8Array, clientDataJSON: Uint8Array): Uint8Array => {
    return keys.sign(new Uint8Array(Buffer.concat([authenticatorData, sha256(clientDataJSON)])));
  };

  return {
    algorithm,
    rpId,
    origin,
    credentialId,
    spki: keys.spki,
    coseKey: keys.coseKey,
    sign: signAssertion,
    assert({
      challenge,
      userVerified = true,
      userPresent = true,
      backupEligible = false,
      backedUp = false,
      crossOrigin = false,
      topOrigin,
      extensions,
      signCount = 0,
      extraClientData = {},
    }) {
      const flags =
        (userPresent ? FLAGS.userPresent : 0) +
        (userVerified ? FLAGS.userVerified : 0) +
        (backupEligible ? FLAGS.backupEligible : 0) +
        (backedUp ? FLAGS.backedUp : 0) +
        (extensions === undefined ? 0 : FLAGS.extensions);
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(signCount);
      const authenticatorData = new Uint8Array(
        Buffer.concat([rpIdHash, Uint8Array.of(flags), counter, extensions ?? new Uint8Array()]),
      );
      const clientData = {
        type: 'webauthn.get',
        challenge: Buffer.from(challenge).toString('base64url'),
        origin,
        crossOrigin,
        ...(topOrigin === undefined ? {} : { topOrigin }),
        ...extraClientData,
      };
      const clientDataJSON = new Uint8Array(Buffer.from(JSON.stringify(clientData)));
      return { authenticatorData, clientDataJSON, signature: signAssertion(authenticatorData, clientDataJSON) };
    },
  };
}

/** { 1: 7, 3: -48, -1: pub } and, as SPKI, the OID 2.16.840.1.101.3.4.3.17 without parameters. @param seed as of `createMlDsaKey`. */
export function mlDsaKeys(seed?: number): AuthenticatorKeys {
  const { raw, sign: signMessage } = createMlDsaKey(seed);
  return {
    spki: new Uint8Array(Buffer.concat([hex('30820532300b06096086480165030403110382052100'), raw])),
    coseKey: new Uint8Array(Buffer.concat([hex('a3010703382f20590520'), raw])),
    sign: signMessage,
  };
}

/** A key of any making. @param signMessage ECDSA in DER. */
export function nativeKeys(
  algorithm: NativeAlgorithm,
  publicKey: KeyObject,
  signMessage: (message: Uint8Array) => Uint8Array,
): AuthenticatorKeys {
  return {
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    coseKey: new Uint8Array(coseKey(algorithm, publicKey)),
    sign: signMessage,
  };
}

function newKeys(algorithm: AuthenticatorAlgorithm, modulusBits: number): AuthenticatorKeys {
  if (algorithm === 'ML-DSA-44') return mlDsaKeys();
  const { publicKey, privateKey } = generateKeys(algorithm, modulusBits);
  const digest = algorithm === 'EdDSA' ? null : 'sha256';
  return nativeKeys(algorithm, publicKey, (message) => new Uint8Array(sign(digest, message, privateKey)));
}

export type NativeAlgorithm = Exclude<AuthenticatorAlgorithm, 'ML-DSA-44'>;

function generateKeys(algorithm: NativeAlgorithm, modulusLength: number) {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength });
  }
}

/**
 * COSE_Key in CTAP2 canonical CBOR (WebAuthn §6.5.1.1), written out for the three shapes.
 *
 * Out of a DER form, though as JWK its parts have names: Node 20 holds the key's lock while it makes a JWK (or tells the key's
 * details), and stops for ever if just then it collects the garbage of having generated that very key, which takes the lock
 * as well.
 */
function coseKey(algorithm: NativeAlgorithm, publicKey: KeyObject): Buffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  switch (algorithm) {
    case 'ES256': // { 1: 2, 3: -7, -1: 1, -2: x, -3: y }; SPKI ends with x and y
      return Buffer.concat([hex('a5010203262001215820'), spki.subarray(-64, -32), hex('225820'), spki.subarray(-32)]);
    case 'EdDSA': // { 1: 1, 3: -8, -1: 6, -2: x }; SPKI ends with x
      return Buffer.concat([hex('a4010103272006215820'), spki.subarray(-32)]);
    case 'RS256': {
      // { 1: 3, 3: -257, -1: n, -2: e }; PKCS #1 is a sequence of n, which has a zero in front, and the three bytes of e
      const pkcs1 = publicKey.export({ type: 'pkcs1', format: 'der' });
      const modulus = pkcs1.subarray(pkcs1.indexOf(0, 4) + 1, -5);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(modulus.length);
      return Buffer.concat([hex('a401030339010020'), hex('59'), length, modulus, hex('2143'), pkcs1.subarray(-3)]);
    }
  }
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
