/** One flipped bit anywhere in what is evidence makes a receipt invalid (formats.md §11), and so does every cut. */
import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { createTestLog, type TestReceipt } from '@assent/test-support/receipts';
import { rememberingPrimitives } from '@assent/test-support/remembered-signatures';
import { unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { base64Encode } from '../src/base64.ts';
import { utf8Encode } from '../src/bytes.ts';
import type { JsonObject } from '../src/canonical-json.ts';
import { formatCheckpoint, parseCheckpoint } from '../src/checkpoint.ts';
import { checkContent } from '../src/content.ts';
import { parseEnvelope } from '../src/dsse.ts';
import type { Report } from '../src/report.ts';
import { createSalt } from '../src/sealed.ts';
import { formatNote, formatSignatureLine, parseNote } from '../src/signed-note.ts';
import { formatTlogProof, parseTlogProof, type TlogProof } from '../src/tlog-proof.ts';
import { verifyReceipt } from '../src/verify-receipt.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
const passkey = createApproval({ origin: log.origin, authenticator: createAuthenticator() });
const key = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
const display = 'Refund 42.00 USD';
const salt = createSalt();
const both = createApproval({
  origin: log.origin,
  authenticator: createAuthenticator({ algorithm: 'EdDSA' }),
  serviceKey: createServiceKey('es256'),
  display,
});
for (let i = 0; i < 6; i++) log.append({ content: key.envelope });

/** Each signed another way; the last discloses what can be disclosed. */
const RECEIPTS: readonly [string, TestReceipt][] = [
  ['a key', log.append({ content: key.envelope })],
  ['a passkey', log.append({ content: passkey.envelope })],
  ['both', log.append({ content: both.envelope })],
  [
    'both, revealed and disclosed',
    log.append({ content: both.envelope, reveal: { intent: both.intent } }, { intent: both.intent, display }),
  ],
  [
    'both, sealed and disclosed',
    log.append(
      { content: both.envelope, salt },
      { content: both.envelope, salt: base64Encode(salt), intent: both.intent, display },
    ),
  ],
];

const primitives = rememberingPrimitives();

function verify(receipt: string | Uint8Array): Promise<Report> {
  return verifyReceipt(receipt, { logKeys: [log.vkey], primitives });
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = new Uint8Array(bytes);
  flipped[Math.floor(bit / 8)]! ^= 2 ** (bit % 8);
  return flipped;
}

/** Flips each bit in turn; which ones gave another verdict than `invalid`. */
async function survivors(
  bytes: Uint8Array,
  receiptOf: (flipped: Uint8Array) => string | Uint8Array,
): Promise<number[]> {
  const bits: number[] = [];
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const { verdict } = await verify(receiptOf(flip(bytes, bit)));
    if (verdict !== 'invalid') bits.push(bit);
  }
  return bits;
}

describe.each(RECEIPTS)('a receipt signed by %s', (_, { receipt, proof: proofText, entry }) => {
  const document: JsonObject = JSON.parse(receipt);

  it('is authentic as it is', async () => {
    expect((await verify(receipt)).verdict).toBe('authentic');
  });

  // All of its text: entry, index, hashes, note text, the log's signature, disclosures, and the JSON around them.
  it('is invalid with any bit flipped, but for those that make it of a type to come', async () => {
    const bits = await survivors(utf8Encode(receipt), (flipped) => flipped);
    const type = receipt.indexOf('assent/receipt/v1');
    expect(bits.filter((bit) => bit < 8 * type || bit >= 8 * (type + 17))).toEqual([]);
    for (const bit of bits) {
      expect((await verify(flip(utf8Encode(receipt), bit))).checks[0]).toMatchObject({
        status: 'skip',
        code: 'unsupported',
      });
    }
  });

  it('is invalid with any bit flipped in the bytes that its proof encodes', async () => {
    const proof = unwrap(parseTlogProof(proofText));
    const withProof = (changes: Partial<TlogProof>) =>
      JSON.stringify({ ...document, proof: formatTlogProof({ ...proof, ...changes }) });
    for (const [index, hash] of proof.proof.entries()) {
      expect(await survivors(hash, (flipped) => withProof({ proof: proof.proof.with(index, flipped) }))).toEqual([]);
    }
    const note = unwrap(parseNote(proof.checkpoint));
    const [line] = note.signatures;
    const withNote = (text: string, signature: Uint8Array) =>
      withProof({ checkpoint: formatNote(text, [formatSignatureLine(line!.name, line!.keyId, signature)]) });
    expect(await survivors(line!.signature, (flipped) => withNote(note.text, flipped))).toEqual([]);
    const head = unwrap(parseCheckpoint(note.text));
    const withRoot = (root: Uint8Array) => withNote(formatCheckpoint({ ...head, root }), line!.signature);
    expect(await survivors(head.root, withRoot)).toEqual([]);
    for (let other = 0; other < head.size; other++) {
      if (other === proof.index) continue;
      expect((await verify(withProof({ index: other }))).verdict).toBe('invalid');
    }
    expect((await verify(JSON.stringify({ ...document, entry: new TextDecoder().decode(entry) }))).verdict).toBe(
      'authentic',
    );
  });

  it('is invalid when it is cut short anywhere', async () => {
    for (let length = 0; length < receipt.length; length++) {
      expect((await verify(receipt.slice(0, length))).verdict).toBe('invalid');
    }
  });
});

describe.each([
  ['a key', key],
  ['a passkey', passkey],
  ['both', both],
])('content signed by %s', (_, { envelope }) => {
  const { payload, signatures } = unwrap(parseEnvelope(envelope));

  /** As a log that admits anything would show it: only the content's own checks are left. */
  async function survivorsIn(bytes: Uint8Array, contentOf: (flipped: string) => JsonObject): Promise<number[]> {
    const bits: number[] = [];
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const content = contentOf(base64Encode(flip(bytes, bit)));
      const evidence = await checkContent({ kind: 'approval', content, origin: log.origin }, primitives);
      if (evidence.content.status !== 'fail' && evidence.signatures.status !== 'fail') bits.push(bit);
    }
    return bits;
  }

  it('fails with any bit flipped in its payload', async () => {
    expect(await survivorsIn(payload, (flipped) => ({ ...envelope, payload: flipped }))).toEqual([]);
  });

  it.each(signatures.map((signature, index) => [index, signature] as const))(
    'fails with any bit flipped in signature %i: key, signature, passkey data',
    async (index, { publicKey, sig, webauthn }) => {
      const documents = envelope.signatures as readonly JsonObject[];
      const withMembers = (changes: JsonObject): JsonObject => ({
        ...envelope,
        signatures: documents.with(index, { ...documents[index], ...changes }),
      });
      expect(await survivorsIn(publicKey.spki, (flipped) => withMembers({ publicKey: flipped }))).toEqual([]);
      expect(await survivorsIn(sig, (flipped) => withMembers({ sig: flipped }))).toEqual([]);
      for (const [name, bytes] of Object.entries(webauthn ?? {})) {
        const parts = documents[index]!.webauthn as JsonObject;
        expect(await survivorsIn(bytes, (flipped) => withMembers({ webauthn: { ...parts, [name]: flipped } }))).toEqual(
          [],
        );
      }
    },
  );
});
