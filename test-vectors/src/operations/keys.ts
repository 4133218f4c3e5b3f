/** Keys and signatures: ecdsa, spki, cose-key, signature, webauthn, envelope. */
import type { Assertion, PublicKey, VerifiedSignature } from '@assent/verifier';
import {
  bytesOf,
  mapped,
  type Operation,
  type Operations,
  objectOf,
  textOf,
  unwrap,
  type Verifier,
} from './verifier.ts';

export const keyOperations: Operations = {
  ecdsa: { der_to_p1363: (v, input) => mapped(v.ecdsaDerToP1363(bytesOf(v, input, 'der')), v.hexEncode) },
  spki: {
    parse: (v, input) =>
      mapped(v.parsePublicKey(bytesOf(v, input, 'spki')), ({ algorithm, keyid }) => ({ algorithm, keyid })),
  },
  'cose-key': { to_spki: (v, input) => mapped(v.coseKeyToSpki(bytesOf(v, input, 'cose_key')), v.hexEncode) },
  signature: {
    verify: async (v, input, primitives) =>
      mapped(
        await v.checkSignature(
          keyOf(v, input),
          bytesOf(v, input, 'signature'),
          bytesOf(v, input, 'message'),
          primitives,
        ),
        () => 'valid',
      ),
  },
  webauthn: {
    parse_authenticator_data: (v, input) =>
      mapped(
        v.parseAuthenticatorData(bytesOf(v, input, 'authenticator_data')),
        ({ rpIdHash, signCount, ...flags }) => ({
          rp_id_hash: v.hexEncode(rpIdHash),
          sign_count: signCount,
          user_present: flags.userPresent,
          user_verified: flags.userVerified,
          backup_eligible: flags.backupEligible,
          backed_up: flags.backedUp,
        }),
      ),
    parse_client_data: (v, input) =>
      mapped(
        v.parseClientData(bytesOf(v, input, 'client_data_json')),
        ({ type, challenge, origin, crossOrigin, topOrigin }) => ({
          type,
          challenge: v.hexEncode(challenge),
          origin,
          cross_origin: crossOrigin,
          ...(topOrigin !== undefined && { top_origin: topOrigin }),
        }),
      ),
    verify: async (v, input, primitives) =>
      mapped(
        await v.verifyAssertion(
          {
            publicKey: keyOf(v, input),
            authenticatorData: bytesOf(v, input, 'authenticator_data'),
            clientDataJSON: bytesOf(v, input, 'client_data_json'),
            signature: bytesOf(v, input, 'signature'),
            nonce: bytesOf(v, input, 'nonce'),
            hash: bytesOf(v, input, 'hash'),
          },
          primitives,
        ),
        assertionToVector,
      ),
  },
  envelope: {
    pre_auth_encoding: (v, input) => ({
      ok: true,
      value: v.hexEncode(v.preAuthEncoding(textOf(input, 'payload_type'), bytesOf(v, input, 'payload'))),
    }),
    verify: async (v, input, primitives) => {
      const envelope = v.parseEnvelope(objectOf(input, 'envelope'));
      return envelope.ok
        ? mapped(await v.verifyEnvelope(envelope.value, primitives), (signers) => signers.map(signerToVector))
        : envelope;
    },
  },
};

function keyOf(v: Verifier, input: Parameters<Operation>[1]): PublicKey {
  return unwrap(v.parsePublicKey(bytesOf(v, input, 'spki')));
}

function assertionToVector({ origin, crossOrigin, topOrigin, userVerified, backedUp }: Assertion): unknown {
  return {
    origin,
    cross_origin: crossOrigin,
    ...(topOrigin !== undefined && { top_origin: topOrigin }),
    user_verified: userVerified,
    backed_up: backedUp,
  };
}

function signerToVector({ kind, publicKey }: VerifiedSignature): unknown {
  return { kind, keyid: publicKey.keyid };
}
