// An approval of Cosignet: a passkey over nonce ‖ SHA-256(payload).
//   node examples/profiles/cosignet.mjs http://localhost:6962 data/first-api-key cosignet.receipt.json
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { logAndVerify, signature } from './into-the-log.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

// 1. What Cosignet was asked to have approved. These very bytes were signed: keep them as they were, don't write them again.
const payload = Buffer.from(JSON.stringify({ to: 'acct_8821', amount_usd: 4200, ref: randomBytes(8).toString('hex') }));

// 2. The approver's device. Here a key of this program stands in for a passkey; Cosignet hands out what comes of it.
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const nonce = randomBytes(32);
const clientDataJSON = Buffer.from(
  JSON.stringify({
    type: 'webauthn.get',
    challenge: Buffer.concat([nonce, sha256(payload)]).toString('base64url'),
    origin: 'https://cosignet.com',
    crossOrigin: false,
  }),
);
const userPresentAndVerified = 0x05;
const authenticatorData = Buffer.concat([sha256('cosignet.com'), Buffer.of(userPresentAndVerified), Buffer.alloc(4)]);
const signed = sign('sha256', Buffer.concat([authenticatorData, sha256(clientDataJSON)]), privateKey);

// 3. The same in an envelope. WebAuthn's texts are base64url, and may stay so.
await logAndVerify({
  payloadType: 'application/vnd.cosignet.approval+json',
  payload: payload.toString('base64'),
  signatures: [
    signature(publicKey.export({ type: 'spki', format: 'der' }), signed.toString('base64url'), {
      authenticatorData: authenticatorData.toString('base64url'),
      clientDataJSON: clientDataJSON.toString('base64url'),
      nonce: nonce.toString('base64url'),
    }),
  ],
});
