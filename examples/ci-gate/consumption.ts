import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import {
  CONSUMPTION_PAYLOAD_TYPE,
  type Consumption,
  formatConsumption,
  formatEnvelope,
  type JsonObject,
  type PublicKey,
  parsePublicKey,
  preAuthEncoding,
} from '@assent/verifier';

export type SigningKey = { readonly publicKey: PublicKey; readonly privateKey: KeyObject };

/** @param pem an Ed25519 private key, PKCS #8. @throws TypeError for another one */
export function signingKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const publicKey = parsePublicKey(new Uint8Array(spki));
  if (!publicKey.ok || publicKey.value.algorithm !== 'ed25519') throw new TypeError('the boundary key is not Ed25519');
  return { publicKey: publicKey.value, privateKey };
}

/** The envelope of a consumption. */
export function signConsumption({ publicKey, privateKey }: SigningKey, fields: Omit<Consumption, 'type'>): JsonObject {
  const payload = formatConsumption(fields);
  const sig = new Uint8Array(sign(null, preAuthEncoding(CONSUMPTION_PAYLOAD_TYPE, payload), privateKey));
  return formatEnvelope({ payloadType: CONSUMPTION_PAYLOAD_TYPE, payload, signatures: [{ publicKey, sig }] });
}
