/**
 * The worked example of docs/formats.md: one refund, approved by a passkey, countersigned by the approval service, logged as
 * entry 1 of a tree of 2. Everything is fixed (keys, salt, nonce, times), and Ed25519 has no random part, so whoever
 * follows docs/formats.md gets these bytes. The keys are public and worth nothing.
 *
 *     npx tsx --conditions=assent-source examples/worked-example.ts           prints the parts
 *     npx tsx --conditions=assent-source examples/worked-example.ts --write   writes them into docs/formats.md and the
 *                                                                              two files beside this one (then: biome)
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  APPROVAL_PAYLOAD_TYPE,
  base64Encode,
  base64urlEncode,
  canonicalJson,
  concatBytes,
  createIntent,
  displayDigest,
  type EnvelopeSignature,
  formatCheckpoint,
  formatEntry,
  formatEnvelope,
  formatNote,
  formatReceipt,
  formatSignatureLine,
  formatSignedTreeHead,
  formatStatement,
  formatTlogProof,
  formatTreeHead,
  formatVkey,
  hexEncode,
  intentDigest,
  type JsonObject,
  leafHash,
  MemoryTree,
  NOTE_ED25519,
  noteKeyId,
  type PublicKey,
  parsePublicKey,
  preAuthEncoding,
  proveInclusion,
  statementDigest,
  utf8Decode,
  utf8Encode,
} from '@assent/verifier';

export const FORMATS_PAGE = fileURLToPath(new URL('../docs/formats.md', import.meta.url));
export const RECEIPT_FILE = fileURLToPath(new URL('./refund.receipt.json', import.meta.url));
export const INTENT_FILE = fileURLToPath(new URL('./refund.intent.json', import.meta.url));

const ORIGIN = 'log.example.com/approvals';
const SERVICE = 'approvals.example.com';
const RP_ID = 'approvals.example.com';
const DISPLAY = 'Refund 42.00 USD of charge ch_9';

type KeyPair = { readonly privateKey: KeyObject; readonly publicKey: PublicKey };

/** The Ed25519 key whose 32-byte seed (RFC 8032 §5.1.5) is this byte, 32 times. */
function keyFromSeed(byte: number): KeyPair {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, byte)]);
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const publicKey = parsePublicKey(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
  if (!publicKey.ok) throw new Error(publicKey.detail);
  return { privateKey, publicKey: publicKey.value };
}

const signed = ({ privateKey }: KeyPair, message: Uint8Array): Uint8Array => sign(null, message, privateKey);
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

function textOf(bytes: Uint8Array): string {
  const text = utf8Decode(bytes);
  if (!text.ok) throw new Error(text.detail);
  return text.value;
}

function signWithKey(key: KeyPair, payload: Uint8Array): EnvelopeSignature {
  return { publicKey: key.publicKey, sig: signed(key, preAuthEncoding(APPROVAL_PAYLOAD_TYPE, payload)) };
}

/** What an authenticator and a browser do with a passkey of algorithm EdDSA. */
function signWithPasskey(key: KeyPair, payload: Uint8Array): EnvelopeSignature {
  const nonce = new Uint8Array(32).fill(0x4e);
  const challenge = concatBytes(nonce, sha256(preAuthEncoding(APPROVAL_PAYLOAD_TYPE, payload)));
  const origin = `https://${RP_ID}`;
  const clientDataJSON = utf8Encode(
    JSON.stringify({ type: 'webauthn.get', challenge: base64urlEncode(challenge), origin, crossOrigin: false }),
  );
  const userPresentAndVerified = 0x05;
  const noCounter = [0, 0, 0, 0];
  const authenticatorData = concatBytes(sha256(utf8Encode(RP_ID)), Uint8Array.of(userPresentAndVerified, ...noCounter));
  const sig = signed(key, concatBytes(authenticatorData, sha256(clientDataJSON)));
  return { publicKey: key.publicKey, sig, webauthn: { authenticatorData, clientDataJSON, nonce } };
}

/** The parts of the example by the names under which docs/formats.md shows them. */
export type WorkedExample = {
  readonly parts: ReadonlyMap<string, string>;
  readonly receipt: string;
  readonly intent: JsonObject;
  readonly vkey: string;
};

export async function makeWorkedExample(): Promise<WorkedExample> {
  const [passkey, service, log] = [keyFromSeed(1), keyFromSeed(2), keyFromSeed(3)];
  const intent = createIntent({
    action: 'payment.refund',
    connector: 'stripe/acct_1A2b',
    args: { amount: '42.00', charge: 'ch_9', currency: 'usd' },
    salt: base64urlEncode(Uint8Array.from({ length: 16 }, (_, i) => i)),
  });
  const shared = {
    log: ORIGIN,
    service: SERVICE,
    intent: { digest: intentDigest(intent), action: intent.action, connector: intent.connector },
    display: displayDigest(intent, DISPLAY),
    requester: 'agent:support-bot',
    issued_at: '2026-04-03T17:00:00.000Z',
    expires_at: '2026-04-03T17:15:00.000Z',
    use: 'single',
  } as const;

  const earlier = formatStatement({ ...shared, id: 'req_8f1', decision: 'rejected' });
  const entry0 = formatEntry({
    kind: 'approval',
    loggedAt: Date.parse('2026-04-03T17:00:41.007Z'),
    content: formatEnvelope({
      payloadType: APPROVAL_PAYLOAD_TYPE,
      payload: earlier,
      signatures: [signWithPasskey(passkey, earlier)],
    }),
  });

  const payload = formatStatement({ ...shared, id: 'req_8f2', decision: 'approved' });
  const signatures = [signWithPasskey(passkey, payload), signWithKey(service, payload)];
  const envelope = formatEnvelope({ payloadType: APPROVAL_PAYLOAD_TYPE, payload, signatures });
  const loggedAt = Date.parse('2026-04-03T17:01:02.123Z');
  const entry1 = formatEntry({ kind: 'approval', loggedAt, content: envelope });

  const tree = new MemoryTree();
  tree.append(leafHash(entry0));
  const index = tree.append(leafHash(entry1));
  const text = formatCheckpoint({ origin: ORIGIN, size: tree.size, root: tree.root() });
  const keyId = noteKeyId(ORIGIN, NOTE_ED25519, log.publicKey.raw);
  const checkpoint = formatNote(text, [formatSignatureLine(ORIGIN, keyId, signed(log, utf8Encode(text)))]);
  const proof = formatTlogProof({ index, proof: await proveInclusion(index, tree.size, tree), checkpoint });
  const receipt = formatReceipt({ entry: entry1, proof, disclosures: { intent, display: DISPLAY } });
  const vkey = formatVkey(ORIGIN, log.publicKey.raw);
  const head = { size: tree.size, root: tree.root(), timestamp: loggedAt };
  const treeHead = formatTreeHead(head);
  const sth = formatSignedTreeHead(head, signed(log, treeHead));

  const preAuth = preAuthEncoding(APPROVAL_PAYLOAD_TYPE, payload);
  const { webauthn } = signatures[0]!;
  const parts = new Map([
    ['intent', canonicalJson(intent)],
    ['intent-digest', intentDigest(intent)],
    ['display', `${DISPLAY}\n${displayDigest(intent, DISPLAY)}`],
    ['statement', textOf(payload)],
    ['statement-digest', statementDigest(payload)],
    ['pae', `${textOf(preAuth.subarray(0, preAuth.length - payload.length))}…\nSHA-256 ${hexEncode(sha256(preAuth))}`],
    ['client-data', textOf(webauthn!.clientDataJSON)],
    ['authenticator-data', hexEncode(webauthn!.authenticatorData)],
    ['signatures', JSON.stringify(envelope.signatures, null, 2)],
    ['entry', textOf(entry1)],
    ['leaf-hashes', [entry0, entry1].map((entry, i) => `entry ${i}  ${hexEncode(leafHash(entry))}`).join('\n')],
    ['root', `${hexEncode(tree.root())}\n${base64Encode(tree.root())}`],
    ['vkey', vkey],
    ['checkpoint', checkpoint.trimEnd()],
    ['tree-head', hexEncode(treeHead)],
    ['sth', JSON.stringify(JSON.parse(sth), null, 2)],
    ['proof', proof.trimEnd()],
  ]);
  return { parts, receipt, intent, vkey };
}

/**
 * The page with every block that follows an `<!-- example: name -->` line set to what the code makes. Throws an Error on a
 * name that the example does not have, and if a part is shown nowhere.
 */
export function renderExample(page: string, { parts }: WorkedExample): string {
  const shown = new Set<string>();
  const rendered = page.replace(
    /(<!-- example: ([a-z-]+) -->\n\n?```[a-z]*\n)[\s\S]*?\n```/g,
    (_, opening: string, name: string) => {
      const part = parts.get(name);
      if (part === undefined) throw new Error(`the worked example has no part "${name}"`);
      shown.add(name);
      return `${opening}${part}\n\`\`\``;
    },
  );
  const missing = [...parts.keys()].filter((name) => !shown.has(name));
  if (missing.length > 0) throw new Error(`the page does not show ${missing.join(', ')}`);
  return rendered;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const example = await makeWorkedExample();
  if (process.argv[2] === '--write') {
    writeFileSync(FORMATS_PAGE, renderExample(readFileSync(FORMATS_PAGE, 'utf8'), example));
    writeFileSync(RECEIPT_FILE, `${JSON.stringify(JSON.parse(example.receipt), null, 2)}\n`);
    writeFileSync(INTENT_FILE, `${JSON.stringify(example.intent, null, 2)}\n`);
  } else {
    for (const [name, part] of example.parts) console.log(`${name}\n${part}\n`);
  }
}
