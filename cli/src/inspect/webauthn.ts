/** What a passkey signs: WebAuthn Level 3 §5.8.1 (client data), §6.1 (authenticator data), §6.5.4 (attestation objects). */
import {
  coseKeyToSpki,
  decodeCbor,
  type JsonObject,
  parseAuthenticatorData,
  parseClientData,
  parsePublicKey,
  utf8Encode,
} from '@assent/verifier';
import {
  bytesText,
  hexExcerpt,
  type Inspection,
  type Look,
  problemOf,
  type Recognise,
  type Row,
} from './inspection.ts';
import { type Members, walk } from './json-walk.ts';
import { decodeBase64, encoded } from './readers.ts';

const CLIENT_DATA: Members = {
  type: 'webauthn.get: an assertion, as approvals have it. webauthn.create: a registration',
  challenge: [
    'what was to be signed',
    (value) => {
      const challenge = decodeBase64(value);
      if (challenge === undefined) return { value: JSON.stringify(value) };
      const [nonce, hash] = [challenge.subarray(0, -32), challenge.subarray(-32)];
      if (nonce.length < 16 || nonce.length > 64) return { value: bytesText(challenge) };
      const parts = `as an approval has it: a nonce of ${nonce.length} bytes and the hash ${hexExcerpt(hash, 32)}`;
      return { value: bytesText(challenge), note: parts };
    },
  ],
  origin: 'the site at which the person was',
  crossOrigin: 'whether that site was in a frame of another one',
  topOrigin: 'the site around that frame',
  '**': '',
};

export function clientData(json: JsonObject, look: Look): Inspection | undefined {
  const { type, challenge, origin } = json;
  if (typeof type !== 'string' || !type.startsWith('webauthn.') || challenge === undefined || origin === undefined) {
    return undefined;
  }
  const parsed = parseClientData(utf8Encode(JSON.stringify(json)));
  return {
    kind: 'client-data',
    title: 'Client data of a passkey (clientDataJSON)',
    where: 'WebAuthn Level 3 §5.8.1',
    ...(!parsed.ok && problemOf(parsed)),
    rows: walk(json, CLIENT_DATA, look),
  };
}

const CREDENTIAL: Members = {
  id: 'names the passkey, as its site does',
  rawId: 'the same',
  type: '',
  authenticatorAttachment: 'platform: built into the device. cross-platform: a key or a phone',
  'response.clientDataJSON': ['what the browser says', encoded],
  'response.authenticatorData': ['what the authenticator says', encoded],
  'response.attestationObject': ['of a registration: the new key, and who vouches for it', encoded],
  'response.signature': 'over authenticatorData ‖ SHA-256(clientDataJSON)',
  'response.userHandle': 'names the person, as the site does',
  response: '',
  '**': '',
};

/** What a page gets from `navigator.credentials`, as JSON. */
export function credential(json: JsonObject, look: Look): Inspection | undefined {
  const { type, response } = json;
  if (type !== 'public-key' || typeof response !== 'object' || response === null) return undefined;
  const isRegistration = 'attestationObject' in response;
  return {
    kind: isRegistration ? 'webauthn-registration' : 'webauthn-assertion',
    title: isRegistration ? 'The registration of a passkey' : 'An assertion by a passkey',
    where: 'WebAuthn Level 3 §5.1',
    rows: walk(json, CREDENTIAL, look),
  };
}

const FLAGS = [
  ['UP', 'somebody was there'],
  ['', 'reserved'],
  ['UV', 'the authenticator verified who (PIN, fingerprint, face)'],
  ['BE', 'the passkey may be backed up, as those are that sync'],
  ['BS', 'it is backed up'],
  ['', 'reserved'],
  ['AT', 'a credential is attested: this is of a registration'],
  ['ED', 'extensions follow'],
] as const;

/** Bytes say of themselves only little: a length and flags that fit together. */
export const authenticatorData: Recognise<Uint8Array> = (bytes) => {
  if (bytes.length < 37) return undefined;
  const flags = bytes[32]!;
  const isSet = (bit: number) => Math.floor(flags / 2 ** bit) % 2 === 1;
  if (!isSet(0) && !isSet(6)) return undefined;
  const attested = isSet(6) ? attestedCredential(bytes.subarray(37)) : { rows: [], length: 0 };
  if (attested === undefined) return undefined;
  // One tile in twenty would pass if extensions could be anything that begins as CBOR.
  const rest = bytes.subarray(37 + attested.length);
  if (isSet(7) ? !isCborMap(rest) : rest.length !== 0) return undefined;
  const parsed = isSet(6) ? undefined : parseAuthenticatorData(bytes);
  return {
    kind: 'authenticator-data',
    title: 'Authenticator data of a passkey',
    where: 'WebAuthn Level 3 §6.1',
    ...(parsed !== undefined && !parsed.ok && problemOf(parsed)),
    rows: [
      {
        label: 'rpIdHash',
        value: hexExcerpt(bytes.subarray(0, 32), 32),
        note: 'SHA-256 of the name of the site (RP ID)',
      },
      {
        label: 'flags',
        value: `0x${flags.toString(16).padStart(2, '0')}`,
        rows: FLAGS.flatMap(([name, note], bit) =>
          name === '' ? [] : [{ label: name, value: isSet(bit) ? 'yes' : 'no', note }],
        ),
      },
      {
        label: 'signCount',
        value: String(new DataView(bytes.buffer, bytes.byteOffset).getUint32(33)),
        note: 'how often it signed; 0 where it does not count',
      },
      ...attested.rows,
    ],
  };
};

/** §6.5.1: aaguid (16), the credential's id behind its length, the key in COSE. */
function attestedCredential(bytes: Uint8Array): { readonly rows: readonly Row[]; readonly length: number } | undefined {
  if (bytes.length < 18) return undefined;
  const idLength = bytes[16]! * 256 + bytes[17]!;
  const key = decodeCbor(bytes.subarray(18 + idLength));
  if (bytes.length < 18 + idLength || !key.ok || !(key.value.value instanceof Map)) return undefined;
  const length = 18 + idLength + key.value.length;
  const rows = [
    {
      label: 'aaguid',
      value: hexExcerpt(bytes.subarray(0, 16)),
      note: 'the model of the authenticator; zeros: it does not say',
    },
    { label: 'credential id', value: bytesText(bytes.subarray(18, 18 + idLength)) },
    { label: 'public key', value: coseText(bytes.subarray(18 + idLength, length)) },
  ];
  return { rows, length };
}

function isCborMap(bytes: Uint8Array): boolean {
  const decoded = decodeCbor(bytes);
  return decoded.ok && decoded.value.value instanceof Map && decoded.value.length === bytes.length;
}

function coseText(cose: Uint8Array): string {
  const spki = coseKeyToSpki(cose);
  const key = spki.ok ? parsePublicKey(spki.value) : spki;
  return key.ok ? `${key.value.algorithm}, keyid ${key.value.keyid}` : `${bytesText(cose)} (${key.detail})`;
}

const COSE_TYPES: Readonly<Record<number, string>> = { 1: 'OKP', 2: 'EC2', 3: 'RSA', 4: 'symmetric', 7: 'AKP' };
const COSE_ALGORITHMS: Readonly<Record<number, string>> = {
  [-7]: 'ES256',
  [-8]: 'EdDSA',
  [-48]: 'ML-DSA-44',
  [-257]: 'RS256',
};

/** COSE keys (RFC 9052 §7), and the attestation objects in which they come. */
export const cborDocument: Recognise<Uint8Array> = (bytes, look) => {
  const decoded = decodeCbor(bytes);
  if (!decoded.ok || !(decoded.value.value instanceof Map) || decoded.value.length !== bytes.length) return undefined;
  const map = decoded.value.value;
  const authData = map.get('authData');
  if (typeof map.get('fmt') === 'string' && authData instanceof Uint8Array) {
    return {
      kind: 'attestation-object',
      title: 'An attestation object: the new key of a passkey, and who vouches for it',
      where: 'WebAuthn Level 3 §6.5.4',
      rows: [
        { label: 'fmt', value: String(map.get('fmt')), note: 'the form of the statement; none: nobody vouches' },
        { label: 'authData', value: `${authData.length} bytes`, inside: look.inside(authData) },
      ],
    };
  }
  const type = map.get(1);
  if (typeof type !== 'number' || COSE_TYPES[type] === undefined) return undefined;
  if (map.has(-4) && type !== 3)
    return { kind: 'private-key', title: 'A private key in COSE form: keep it to yourself', rows: [] };
  const algorithm = map.get(3);
  const spki = coseKeyToSpki(bytes);
  return {
    kind: 'cose-key',
    title: 'A public key as authenticators write it (COSE_Key)',
    where: 'RFC 9052 §7',
    ...(!spki.ok && problemOf(spki)),
    rows: [
      { label: 'kty (1)', value: `${type}`, note: COSE_TYPES[type]! },
      {
        label: 'alg (3)',
        value: `${String(algorithm)}`,
        note: (typeof algorithm === 'number' && COSE_ALGORITHMS[algorithm]) || 'not one of those that approve here',
      },
      { label: 'key', value: coseText(bytes) },
    ],
  };
};
