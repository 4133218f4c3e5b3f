import {
  base64Decode,
  concatBytes,
  parseNote,
  parseReceipt,
  parseTlogProof,
  utf8Encode,
  verifyReceipt,
} from '@assent/verifier';
import { createApproval } from '../../test-support/src/approvals.ts';
import { createAuthenticator } from '../../test-support/src/authenticator.ts';
import { createTestLog } from '../../test-support/src/receipts.ts';
import { unwrap } from '../../test-support/src/results.ts';
import { median } from '../statistics.ts';
import { eachRun, type MeasureGroup } from './measure-group.ts';

/** Medians of one run, in µs. */
type VerificationSample = { readonly receipt: number; readonly bare: number };

const ROUNDS = 2_000;

export const receiptVerification: MeasureGroup = {
  name: 'verification',
  rows: [
    {
      key: 'receipt verification ratio',
      name: 'Receipt verification, as a multiple of its two bare WebCrypto calls',
      unit: '×',
      atMost: 2,
    },
    { key: 'receipt verification', name: 'Receipt verification', unit: 'µs' },
    { key: 'bare', name: 'its two bare WebCrypto calls', unit: 'µs' },
  ],
  measure: eachRun(async (note) => {
    const { receipt, bare } = await measureVerification();
    note('receipt verification', receipt);
    note('bare', bare);
    note('receipt verification ratio', receipt / bare);
  }),
};

type Envelope = {
  signatures: [{ sig: string; webauthn: { authenticatorData: string; clientDataJSON: string } }];
};

/**
 * A receipt with one passkey (ES256) in a tree of a thousand entries, verified whole, beside the two WebCrypto calls
 * that it can't do without: the passkey's signature and the log's. Alternating, so that both see the same machine.
 */
async function measureVerification(): Promise<VerificationSample> {
  const log = createTestLog({ origin: 'bench.localhost/log' });
  const authenticator = createAuthenticator();
  for (let i = 0; i < 999; i++) log.appendBytes(utf8Encode(`filler ${i}`));
  const approval = createApproval({ origin: log.origin, authenticator });
  const { receipt } = log.append({ content: approval.envelope });
  const bare = await bareCalls(receipt, log.vkey, authenticator.spki);
  const whole: number[] = [];
  const calls: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const report = await verifyReceipt(receipt, { logKeys: [log.vkey] });
    const between = performance.now();
    await bare();
    calls.push((performance.now() - between) * 1000);
    whole.push((between - start) * 1000);
    if (report.verdict !== 'authentic') throw new Error(`the receipt is ${report.verdict}: ${report.summary}`);
  }
  return { receipt: median(whole), bare: median(calls) };
}

/** The two signature checks alone, with everything parsed and both keys imported beforehand. */
async function bareCalls(receipt: string, vkey: string, spki: Uint8Array): Promise<() => Promise<void>> {
  const { entry, proof } = unwrap(parseReceipt(receipt));
  const note = unwrap(parseNote(unwrap(parseTlogProof(proof)).checkpoint));
  const { content } = JSON.parse(entry) as { content: Envelope };
  const { sig, webauthn } = content.signatures[0];
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(unwrap(base64Decode(text)));
  const clientDataHash = await crypto.subtle.digest('SHA-256', bytes(webauthn.clientDataJSON));
  const message = new Uint8Array(concatBytes(bytes(webauthn.authenticatorData), new Uint8Array(clientDataHash)));
  const passkey = await crypto.subtle.importKey(
    'spki',
    new Uint8Array(spki),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['verify'],
  );
  const logKey = await crypto.subtle.importKey(
    'raw',
    bytes(vkey.split('+').slice(2).join('+')).slice(1),
    { name: 'Ed25519' },
    false,
    ['verify'],
  );
  const p1363 = derToP1363(bytes(sig));
  const noteText = new Uint8Array(utf8Encode(note.text));
  const noteSignature = new Uint8Array(note.signatures[0]!.signature);
  return async () => {
    const first = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, passkey, p1363, message);
    const second = await crypto.subtle.verify({ name: 'Ed25519' }, logKey, noteSignature, noteText);
    if (!first || !second) throw new Error('a bare signature check failed');
  };
}

function derToP1363(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const fixed = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const integer = der.subarray(at + 2, at + 2 + der[at + 1]!);
    const significant = integer.length > 32 ? integer.subarray(integer.length - 32) : integer;
    fixed.set(significant, end - significant.length);
    at += 2 + integer.length;
  }
  return fixed;
}
