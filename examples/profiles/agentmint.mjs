// A token of AgentMint: b64u(payload).b64u(signature), Ed25519 over the first half's text.
//   node examples/profiles/agentmint.mjs http://localhost:6962 data/first-api-key token.receipt.json
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { logAndVerify, signature } from './into-the-log.mjs';

// 1. What the minting server hands out. Here a key of this program stands in for the server's.
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const now = Date.now();
const claims = {
  jti: randomUUID(),
  sub: 'alice@example.com',
  action: 'deploy',
  iat: new Date(now).toISOString(),
  exp: new Date(now + 60_000).toISOString(),
};
const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
const token = `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;

// 2. The same in an envelope: the payload is what the first half decodes to, and both halves may stay base64url.
const [payload, sig] = token.split('.');
await logAndVerify({
  payloadType: 'application/vnd.agentmint.token+json',
  payload,
  signatures: [signature(publicKey.export({ type: 'spki', format: 'der' }), sig)],
});
