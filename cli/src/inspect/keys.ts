/** Keys in the forms in which files hold them. Of a private one nothing is shown but whose it is. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { formatVkey, type JsonObject, parseCosignerVkey, parsePublicKey, parseVkey } from '@assent/verifier';
import { countOf } from '../terminal/count-of.ts';
import { type Inspection, problemOf, type Recognise, type Row } from './inspection.ts';

const KEEP = 'Whoever has it signs in your name: keep it to yourself. What is private about it is not shown.';

export const pem: Recognise<string> = (text) => {
  const label = /^\s*-----BEGIN ([A-Z0-9 ]{1,60})-----/.exec(text)?.[1];
  if (label === undefined) return undefined;
  if (label.endsWith('PRIVATE KEY')) return privatePem(text, label);
  if (label === 'PUBLIC KEY') {
    return {
      kind: 'public-key',
      title: 'A public key (PEM)',
      where: 'RFC 7468 §13',
      rows: publicRows(() => createPublicKey(text)),
    };
  }
  return {
    kind: 'pem',
    title: `A PEM file of another kind: ${label}`,
    where: 'RFC 7468',
    rows: [{ label: 'holds', value: label }],
  };
};

function privatePem(text: string, label: string): Inspection {
  const isEncrypted = label.startsWith('ENCRYPTED') || /^Proc-Type: 4,ENCRYPTED/m.test(text);
  return {
    kind: 'private-key',
    title: `A private key (PEM${isEncrypted ? ', under a passphrase' : ''})`,
    where: 'RFC 7468 §10',
    rows: [
      { label: 'holds', value: label, note: KEEP },
      ...(isEncrypted ? [] : publicRows(() => createPublicKey(createPrivateKey(text)))),
    ],
  };
}

/** The public half. What OpenSSL says about a key that it cannot read may quote it, so that is not repeated. */
function publicRows(read: () => KeyObject): readonly Row[] {
  let spki: Uint8Array;
  try {
    spki = new Uint8Array(read().export({ type: 'spki', format: 'der' }));
  } catch {
    return [
      { label: 'problem', value: 'the key cannot be read: the file is damaged, or of a kind that Node does not know' },
    ];
  }
  return spkiRows(spki);
}

function spkiRows(spki: Uint8Array): readonly Row[] {
  const key = parsePublicKey(spki);
  const keyid = `sha256:${createHash('sha256').update(spki).digest('hex')}`;
  return [
    { label: 'algorithm', value: key.ok ? key.value.algorithm : `none that approves here (${key.detail})` },
    { label: 'keyid', value: keyid, note: 'SHA-256 of the key in DER (SPKI): how statements and trust roots name it' },
    { label: 'publicKey', value: Buffer.from(spki).toString('base64') },
  ];
}

/** A SubjectPublicKeyInfo in DER, which begins with a SEQUENCE of the length of the rest. */
export const spkiDer: Recognise<Uint8Array> = (bytes) => {
  if (bytes[0] !== 0x30 || bytes.length < 40 || bytes.length > 2048) return undefined;
  const key = parsePublicKey(bytes);
  if (key.ok)
    return {
      kind: 'public-key',
      title: 'A public key (DER, SubjectPublicKeyInfo)',
      where: 'RFC 5280 §4.1.2.7',
      rows: spkiRows(bytes),
    };
  const der = Buffer.from(bytes);
  try {
    createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    return {
      kind: 'private-key',
      title: 'A private key (DER, PKCS#8)',
      rows: [{ label: 'holds', value: countOf(bytes.length, 'byte'), note: KEEP }],
    };
  } catch {
    return undefined;
  }
};

const API_KEY = /^assent_([0-9a-f]{8})_[A-Za-z0-9_-]{43}$/;

/** Lines that are secrets: an API key, a signing key of a note. */
export const secretLine: Recognise<string> = (text) => {
  const line = text.trim();
  const apiKey = API_KEY.exec(line);
  if (apiKey !== null) {
    const rows = [
      { label: 'name', value: apiKey[1]!, note: 'how the log names it; the rest is the secret, and not shown' },
    ];
    return { kind: 'api-key', title: 'An API key of an Assent log: keep it to yourself', rows };
  }
  const signer = /^PRIVATE\+KEY\+([^+\s]{1,255})\+([0-9a-f]{8})\+/.exec(line);
  if (signer === null) return undefined;
  return {
    kind: 'private-key',
    title: 'A private key that signs notes',
    where: 'golang.org/x/mod/sumdb/note',
    rows: [
      { label: 'name', value: signer[1]!, note: KEEP },
      { label: 'key id', value: signer[2]! },
    ],
  };
};

/** RFC 7517. */
export function jwk(json: JsonObject): Inspection | undefined {
  if (typeof json.kty !== 'string' || !['EC', 'OKP', 'RSA', 'oct', 'AKP'].includes(json.kty)) return undefined;
  const isPrivate = ['d', 'k', 'priv', 'p', 'q'].some((name) => Object.hasOwn(json, name));
  const shown = ['kty', 'crv', 'alg', 'use', 'kid', 'x', 'y', 'e', 'n', 'pub'].flatMap((label) => {
    const value = json[label];
    return typeof value === 'string' ? [{ label, value }] : [];
  });
  return {
    kind: isPrivate ? 'private-key' : 'public-key',
    title: isPrivate ? 'A private key (JWK)' : 'A public key (JWK)',
    where: 'RFC 7517',
    rows: isPrivate ? [...shown, { label: 'private half', value: 'not shown', note: KEEP }] : shown,
  };
}

const VKEY = /^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/;

/** Keys of logs and witnesses, one a line, with comments between them. */
export const vkeys: Recognise<string> = (text) => {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0 || lines.length > 1000 || !lines.every((line) => VKEY.test(line.trim()))) return undefined;
  return {
    kind: 'vkey',
    title:
      lines.length === 1
        ? 'The key of a log or of a witness (vkey)'
        : `${countOf(lines.length, 'key')} of logs or witnesses (vkeys)`,
    where: 'C2SP signed-note',
    rows: lines.map((line) => vkeyRow(line.trim())),
  };
};

function vkeyRow(vkey: string): Row {
  const log = parseVkey(vkey);
  if (log.ok) {
    const { name, publicKey } = log.value;
    const isSame = formatVkey(name, publicKey.raw) === vkey;
    return {
      label: name,
      value: vkey,
      note: `signs checkpoints under this name, with Ed25519${isSame ? '' : ' (written in another way than usual)'}`,
      rows: [{ label: 'keyid', value: publicKey.keyid }],
    };
  }
  const witness = parseCosignerVkey(vkey);
  if (witness.ok) {
    const { name, algorithm } = witness.value;
    return {
      label: name,
      value: vkey,
      note: `cosigns checkpoints as a witness, with ${algorithm === 4 ? 'Ed25519' : 'ML-DSA-44'}`,
    };
  }
  return {
    label: 'not a key',
    value: vkey,
    note: log.code === 'key_unsupported' ? witness.detail : problemOf(log).problem.detail,
  };
}
