// An attestation of in-toto, as any DSSE envelope: a key over the pre-authentication encoding.
//   node examples/profiles/in-toto.mjs http://localhost:6962 data/first-api-key build.receipt.json
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { preAuthEncoding } from '@assent/verifier';
import { logAndVerify, signature } from './into-the-log.mjs';

// 1. What a builder signs and publishes. Its keyid is a name of its own choice, and the key is found elsewhere.
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const payloadType = 'application/vnd.in-toto+json';
const artifact = createHash('sha256').update(randomBytes(32)).digest('hex');
const payload = Buffer.from(
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'app.tar.gz', digest: { sha256: artifact } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {},
  }),
);
const published = {
  payloadType,
  payload: payload.toString('base64'),
  signatures: [
    { keyid: 'builder-1', sig: sign('sha256', preAuthEncoding(payloadType, payload), privateKey).toString('base64') },
  ],
};

// 2. For the log the key comes along, and is named by its hash. Nobody signed the keyid, so that changes nothing.
const [{ sig }] = published.signatures;
await logAndVerify({
  ...published,
  signatures: [signature(publicKey.export({ type: 'spki', format: 'der' }), sig)],
});
