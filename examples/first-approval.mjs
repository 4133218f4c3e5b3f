// A first approval without a browser: a service's own key signs the exact action, the log answers with a receipt.
//   node examples/first-approval.mjs http://localhost:6962 data/first-api-key refund.receipt.json
// An approval by a person takes a passkey instead of this key: see /demo, and the README of verifier/.
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  APPROVAL_PAYLOAD_TYPE,
  createIntent,
  formatEnvelope,
  formatStatement,
  formatTime,
  intentDigest,
  parsePublicKey,
  preAuthEncoding,
  verifyReceipt,
} from '@assent/verifier';

const [url, apiKeyFile, receiptFile] = process.argv.slice(2);
if (receiptFile === undefined) {
  console.error('usage: node examples/first-approval.mjs LOG_URL API_KEY_FILE RECEIPT_FILE');
  process.exit(2);
}
const described = await fetch(`${url}/api/v1/log`).catch(({ message, cause }) => {
  console.error(`no log answers at ${url} (${cause?.message ?? message}): start one with "npm start"`);
  process.exit(1);
});
const { origin, vkeys } = await described.json();

// 1. The exact action: what will be dispatched, to the letter, with a salt that keeps its digest from being guessed.
const intent = createIntent({
  action: 'payment.refund',
  connector: 'stripe/acct_1A2b',
  args: { charge: 'ch_9', amount: '42.00', currency: 'usd' },
});

// 2. The decision about it, for this log alone and for fifteen minutes.
const now = Date.now();
const payload = formatStatement({
  type: 'assent/approval/v1',
  log: origin,
  service: 'approvals.example.com',
  id: `req_${now}`,
  decision: 'approved',
  intent: { digest: intentDigest(intent), action: intent.action, connector: intent.connector },
  requester: 'agent:support-bot',
  issued_at: formatTime(now),
  expires_at: formatTime(now + 15 * 60_000),
  use: 'single',
});

// 3. A signature over it. A service keeps this key; here it lives as long as the program.
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const key = parsePublicKey(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })));
if (!key.ok) throw new Error(key.detail);
const sig = new Uint8Array(sign(null, preAuthEncoding(APPROVAL_PAYLOAD_TYPE, payload), privateKey));
const envelope = formatEnvelope({
  payloadType: APPROVAL_PAYLOAD_TYPE,
  payload,
  signatures: [{ publicKey: key.value, sig }],
});

// 4. Into the log. Sending it again is safe: the same approval is stored once.
const response = await fetch(`${url}/api/v1/entries`, {
  method: 'POST',
  headers: {
    authorization: `Bearer ${readFileSync(apiKeyFile, 'utf8').trim()}`,
    'content-type': 'application/json',
  },
  body: JSON.stringify({ kind: 'approval', content: envelope }),
});
const answer = await response.text();
if (!response.ok) throw new Error(`the log refused: ${answer}`);

// 5. The receipt, with the intent added so that whoever gets it sees what was approved. Checked before it is believed.
const receipt = JSON.stringify({ ...JSON.parse(answer), disclosures: { intent } });
const report = await verifyReceipt(receipt, { logKeys: vkeys, intent });
console.log(`${report.verdict}: ${report.summary}`);
if (report.verdict !== 'authentic') process.exit(1);
writeFileSync(receiptFile, receipt);
