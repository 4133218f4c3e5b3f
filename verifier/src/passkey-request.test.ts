import { createAuthenticator } from '@assent/test-support/authenticator';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { APPROVAL_PAYLOAD_TYPE } from './approval.ts';
import { base64urlDecode, base64urlEncode } from './base64.ts';
import { equalBytes, utf8Encode } from './bytes.ts';
import { preAuthEncoding, verifyEnvelope } from './dsse.ts';
import { type AssertionResponse, envelopeSignatureFromAssertion, passkeyRequest } from './passkey-request.ts';
import { sha256 } from './sha256.ts';
import { parsePublicKey } from './spki.ts';

const payload = utf8Encode('{}');
const authenticator = createAuthenticator({ rpId: 'approvals.example.com' });
const publicKey = unwrap(parsePublicKey(authenticator.spki));

/** As `PublicKeyCredential.toJSON().response` would be. */
function answer(challenge: string): AssertionResponse {
  const { authenticatorData, clientDataJSON, signature } = authenticator.assert({
    challenge: unwrap(base64urlDecode(challenge)),
  });
  return {
    authenticatorData: base64urlEncode(authenticatorData),
    clientDataJSON: base64urlEncode(clientDataJSON),
    signature: base64urlEncode(signature),
  };
}

describe('passkeyRequest', () => {
  it('asks for a signature over a fresh nonce and the hash of the PAE', () => {
    const { nonce, publicKey: options } = passkeyRequest({ payload, rpId: 'approvals.example.com' });
    const challenge = unwrap(base64urlDecode(options.challenge));
    expect(nonce).toHaveLength(32);
    expect(equalBytes(challenge.slice(0, 32), nonce)).toBe(true);
    expect(equalBytes(challenge.slice(32), sha256(preAuthEncoding(APPROVAL_PAYLOAD_TYPE, payload)))).toBe(true);
    expect(equalBytes(nonce, passkeyRequest({ payload, rpId: 'x' }).nonce)).toBe(false);
  });

  it('requires the user to be verified unless told otherwise, and hands the rest through', () => {
    const allowCredentials = [{ type: 'public-key', id: 'AAAA', transports: ['internal'] }] as const;
    const { publicKey: options } = passkeyRequest({ payload, rpId: 'a.example', allowCredentials, timeout: 1000 });
    expect(options).toMatchObject({ rpId: 'a.example', allowCredentials, timeout: 1000, userVerification: 'required' });
    const relaxed = passkeyRequest({ payload, rpId: 'a.example', userVerification: 'preferred' });
    expect(relaxed.publicKey.userVerification).toBe('preferred');
  });
});

describe('envelopeSignatureFromAssertion', () => {
  it('makes of the answer a signature that verifies', async () => {
    const request = passkeyRequest({ payload, rpId: authenticator.rpId });
    const signature = unwrap(
      envelopeSignatureFromAssertion(publicKey, request.nonce, answer(request.publicKey.challenge)),
    );
    const envelope = { payloadType: APPROVAL_PAYLOAD_TYPE, payload, signatures: [signature] };
    expect(codeOf(await verifyEnvelope(envelope))).toBeUndefined();
  });

  it('makes of the answer to another request one that does not', async () => {
    const [request, other] = [1, 2].map(() => passkeyRequest({ payload, rpId: authenticator.rpId }));
    const signature = unwrap(
      envelopeSignatureFromAssertion(publicKey, request!.nonce, answer(other!.publicKey.challenge)),
    );
    const envelope = { payloadType: APPROVAL_PAYLOAD_TYPE, payload, signatures: [signature] };
    expect(codeOf(await verifyEnvelope(envelope))).toBe('challenge_mismatch');
  });

  it.each(['authenticatorData', 'clientDataJSON', 'signature'] as const)('refuses a bad %s', (member) => {
    const { nonce, publicKey: options } = passkeyRequest({ payload, rpId: authenticator.rpId });
    const good = answer(options.challenge);
    const from = (value: unknown) =>
      codeOf(envelopeSignatureFromAssertion(publicKey, nonce, { ...good, [member]: value } as AssertionResponse));
    expect(from('AA==')).toBe('bad_base64');
    expect(from(undefined)).toBe('wrong_type');
  });
});
