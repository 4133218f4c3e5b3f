// A decision of SignedApproval: Ed25519 over the payload's JSON.
//   node examples/profiles/signed-approval.mjs http://localhost:6962 data/first-api-key decision.receipt.json
import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { logAndVerify, signature } from './into-the-log.mjs';

const prefix = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);

// 1. What its verification endpoint answers: payload, signature and public key. Here a key of this program stands in for the
//    one that the service keeps for its approver.
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const now = Math.floor(Date.now() / 1000);
const payload = Buffer.from(
  JSON.stringify({
    v: 1,
    rid: randomUUID(),
    did: randomUUID(),
    approver: prefix('user-4711'),
    action: prefix('Refund 42.00 USD of charge ch_9'),
    decision: 'approved',
    method: 'passkey',
    ts: now,
    exp: now + 900,
    nonce: randomBytes(16).toString('hex'),
  }),
);
const answer = {
  payload,
  signature: sign(null, payload, privateKey).toString('base64'),
  public_key: publicKey.export({ type: 'spki', format: 'der' }),
};

// 2. The same in an envelope. The payload goes in as the bytes that were signed, not as JSON that was parsed and written again.
await logAndVerify({
  payloadType: 'application/vnd.signedapproval.decision.v1+json',
  payload: answer.payload.toString('base64'),
  signatures: [signature(answer.public_key, answer.signature)],
});
