/** Cases of evidence of other systems (profile), and of ML-DSA-44. */
import { createHash } from 'node:crypto';
import { createAuthenticator, mlDsaKeys } from '@assent/test-support/authenticator';
import { keyEnvelope, passkeyEnvelope } from '@assent/test-support/foreign-evidence';
import { createMlDsaKey } from '@assent/test-support/ml-dsa';
import { createTestWitness } from '@assent/test-support/witnesses';
import { concatBytes, hexEncode, type JsonObject, mlDsa44Spki, preAuthEncoding } from '@assent/verifier';
import { bytes, text, vectorFile } from '../cases.ts';
import { type Deviations, report, skips, unmade } from '../expected-report.ts';
import { seeded, signingKey } from '../keys.ts';
import type { VectorFile } from '../vectors.ts';
import {
  alice,
  approvalPolicy,
  approve,
  bob,
  consumedReceipt,
  fullPins,
  LOG_POLICY,
  logged,
  ORIGIN,
} from '../world.ts';

const COSIGNET = 'application/vnd.cosignet.approval+json';
const SIGNED_APPROVAL = 'application/vnd.signedapproval.decision.v1+json';
const AGENTMINT = 'application/vnd.agentmint.token+json';
const IN_TOTO = 'application/vnd.in-toto+json';

type Members = Readonly<Record<string, unknown>>;

function jsonBytes(members: Members): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(members)));
}

export function profileCases(): VectorFile {
  const about =
    'Receipts of evidence of other systems: the report as of any receipt, and in `foreign` what the payload says. Authentic at best.';
  return vectorFile('profile', about, ({ good }) => {
    const server = signingKey('another system');
    const pins = { log_policy: LOG_POLICY };
    const verify = (name: string, content: JsonObject, verdict: string, deviations: Deviations, foreign?: Members) =>
      good(
        name,
        'verify',
        { receipt: text(JSON.stringify(logged({ content }))), pins },
        { ...report(verdict, deviations), ...(foreign && { foreign }) },
      );
    const nothing = unmade('foreign_payload');
    const authentic = (name: string, content: JsonObject, foreign: Members) =>
      verify(name, content, 'authentic', nothing, foreign);
    const bad = (name: string, content: JsonObject, code: string) =>
      verify(name, content, 'invalid', { content: `fail ${code}`, ...unmade('premise_failed') });
    const badSignatures = (name: string, content: JsonObject, code: string) =>
      verify(name, content, 'invalid', { signatures: `fail ${code}`, ...nothing });

    const nonce = seeded('nonce of another system');
    const action = jsonBytes({ to: 'acct_8821', amount_usd: 4200, ref: 'r-1' });
    const cosignet = (payload: Uint8Array, signed = payload) =>
      passkeyEnvelope(COSIGNET, payload, signed, alice, nonce);
    authentic('Cosignet', cosignet(action), {
      format: 'Cosignet',
      decision: 'approved',
      action: Buffer.from(action).toString(),
    });
    authentic('Cosignet, with EdDSA', passkeyEnvelope(COSIGNET, action, action, bob, nonce), {
      format: 'Cosignet',
      decision: 'approved',
      action: Buffer.from(action).toString(),
    });
    bad('Cosignet: no JSON', cosignet(new Uint8Array(Buffer.from('refund'))), 'json_syntax');
    bad('Cosignet: a key twice', cosignet(new Uint8Array(Buffer.from('{"to":"a","to":"b"}'))), 'json_duplicate_key');
    badSignatures(
      'Cosignet: over the pre-authentication encoding',
      cosignet(action, preAuthEncoding(COSIGNET, action)),
      'challenge_mismatch',
    );
    badSignatures('Cosignet: by a key', keyEnvelope(COSIGNET, action, action, server), 'wrong_signer');

    const decision = {
      v: 1,
      rid: 'req_1',
      did: 'dec_1',
      approver: 'a1b2c3d4e5f60718',
      action: '98badcfe10325476',
      decision: 'approved',
      method: 'passkey',
      ts: 1_775_235_600,
      exp: 1_775_236_500,
      nonce: 'n-1',
    };
    const signedApproval = (changes: Members = {}, signed?: Uint8Array) => {
      const payload = jsonBytes({ ...decision, ...changes });
      return keyEnvelope(SIGNED_APPROVAL, payload, signed ?? payload, server);
    };
    const decided = {
      format: 'SignedApproval',
      decision: 'approved',
      id: 'dec_1',
      who: decision.approver,
      action: decision.action,
      method: 'passkey',
      when: '2026-04-03T17:00:00.000Z',
      until: '2026-04-03T17:15:00.000Z',
    };
    authentic('SignedApproval', signedApproval(), decided);
    authentic('SignedApproval, with a member that nobody knows', signedApproval({ comment: '' }), decided);
    verify('SignedApproval, rejected', signedApproval({ decision: 'rejected' }), 'refused', nothing, {
      ...decided,
      decision: 'rejected',
    });
    bad('SignedApproval: a decision that there is not', signedApproval({ decision: 'maybe' }), 'bad_value');
    bad('SignedApproval: no decision', signedApproval({ decision: undefined }), 'missing_member');
    bad('SignedApproval: it expires when it is made', signedApproval({ exp: decision.ts }), 'bad_value');
    bad('SignedApproval: an approver of 15 characters', signedApproval({ approver: 'a1b2c3d4e5f6071' }), 'bad_value');
    bad('SignedApproval: half a second', signedApproval({ ts: 1.5 }), 'bad_time');
    verify('SignedApproval, of a version to come', signedApproval({ v: 2 }), 'incomplete', {
      content: 'skip unsupported',
      ...unmade('not_an_approval'),
    });
    badSignatures(
      'SignedApproval: over another payload',
      signedApproval({}, jsonBytes({ ...decision, decision: 'rejected' })),
      'signature_invalid',
    );
    const byP256 = jsonBytes(decision);
    badSignatures(
      'SignedApproval: by ECDSA',
      keyEnvelope(SIGNED_APPROVAL, byP256, byP256, signingKey('another system', 'es256')),
      'wrong_signer',
    );

    const token = {
      jti: 't-1',
      sub: 'alice@example.com',
      action: 'deploy:api-v2',
      iat: '2026-04-03T17:00:00.123456789Z',
      exp: '2026-04-03T17:05:00.123456789Z',
    };
    const agentmint = (changes: Members = {}, signed?: (payload: Uint8Array) => Uint8Array) => {
      const payload = jsonBytes({ ...token, ...changes });
      const encoded = new Uint8Array(Buffer.from(Buffer.from(payload).toString('base64url')));
      return keyEnvelope(AGENTMINT, payload, signed === undefined ? encoded : signed(payload), server);
    };
    const minted = {
      format: 'AgentMint',
      decision: 'approved',
      id: 't-1',
      who: token.sub,
      action: token.action,
      when: '2026-04-03T17:00:00.123Z',
      until: '2026-04-03T17:05:00.123Z',
    };
    authentic('AgentMint', agentmint(), minted);
    authentic('AgentMint, derived', agentmint({ parent_jti: 't-0', original_approver: 'bob@example.com', depth: 1 }), {
      ...minted,
      who: 'bob@example.com',
    });
    bad('AgentMint: it expires when it is issued', agentmint({ exp: token.iat }), 'bad_value');
    bad('AgentMint: no action', agentmint({ action: '' }), 'bad_value');
    bad('AgentMint: a time with an offset', agentmint({ iat: '2026-04-03T19:00:00+02:00' }), 'bad_time');
    bad('AgentMint: a negative depth', agentmint({ depth: -1 }), 'bad_value');
    badSignatures(
      'AgentMint: over the payload as it is',
      agentmint({}, (payload) => payload),
      'signature_invalid',
    );

    const attestation = jsonBytes({ _type: 'https://in-toto.io/Statement/v1', subject: [], predicateType: 'x' });
    const dsse = (type: string, payload: Uint8Array) =>
      keyEnvelope(type, payload, preAuthEncoding(type, payload), server);
    authentic('in-toto', dsse(IN_TOTO, attestation), { format: 'in-toto', decision: 'none' });
    authentic('DSSE of any type', dsse('text/plain', new Uint8Array(Buffer.from('hello'))), {
      format: 'DSSE',
      decision: 'none',
    });
    const urlSafe = dsse('text/plain', new Uint8Array(Buffer.from('>>>???')));
    authentic('DSSE in base64url', { ...urlSafe, payload: 'Pj4-Pz8_' }, { format: 'DSSE', decision: 'none' });
    badSignatures(
      'DSSE: over the payload as it is',
      keyEnvelope('text/plain', attestation, attestation, server),
      'signature_invalid',
    );
    verify(
      'a payload of ours of a time to come',
      dsse('application/vnd.assent.approval.v2+json', attestation),
      'incomplete',
      { ...skips('unsupported', 'content', 'signatures'), ...unmade('not_an_approval') },
    );
    const approval = approve();
    verify(
      'a statement of ours under another payload type',
      dsse('text/plain', approval.payload),
      'authentic',
      nothing,
      { format: 'DSSE', decision: 'none' },
    );
    const all = fullPins(approval);
    good(
      'with every pin, and still no more than authentic',
      'verify',
      { receipt: text(JSON.stringify(logged({ content: signedApproval() }))), pins: all },
      { ...report('authentic', nothing), foreign: decided },
    );
    const withIntent = logged({ content: signedApproval() }, { disclosures: { intent: approval.intent } });
    good(
      'an intent beside it',
      'verify',
      { receipt: text(JSON.stringify(withIntent)), pins },
      report('invalid', { content: 'fail unknown_member', ...unmade('premise_failed') }),
    );
    const withPolicy = logged(
      { content: cosignet(action) },
      { carried: { policy: approvalPolicy as unknown as JsonObject } },
    );
    good(
      'a policy beside it',
      'verify',
      { receipt: text(JSON.stringify(withPolicy)), pins },
      report('invalid', { content: 'fail unknown_member', ...unmade('premise_failed') }),
    );
  });
}

export function mlDsaCases(): VectorFile {
  const about =
    'ML-DSA-44 (FIPS 204), which few runtimes have: `parse_spki`, `cose_key_to_spki`, `verify_signature`, `verify_assertion`, `check_cosignature` and `verify_receipt` are the operations of spki, cose-key, signature, webauthn, cosignature and receipt.';
  return vectorFile('ml-dsa-44', about, ({ good, bad }) => {
    const key = createMlDsaKey(21);
    const spki = mlDsa44Spki(key.raw);
    const keyid = `sha256:${createHash('sha256').update(spki).digest('hex')}`;
    good('a key', 'parse_spki', { spki: bytes(spki) }, { algorithm: 'ml-dsa-44', keyid });
    bad('a key with a byte less', 'parse_spki', { spki: bytes(spki.slice(0, -1)) }, 'key_malformed');
    bad('a key with a byte more', 'parse_spki', { spki: bytes(concatBytes(spki, Uint8Array.of(0))) }, 'key_malformed');
    const authenticator = createAuthenticator({
      algorithm: 'ML-DSA-44',
      rpId: alice.rpId,
      keys: mlDsaKeys(22),
      credentialId: seeded('ml-dsa id'),
    });
    good(
      'a passkey’s key',
      'cose_key_to_spki',
      { cose_key: bytes(authenticator.coseKey) },
      hexEncode(authenticator.spki),
    );
    bad(
      'a passkey’s key with a byte less',
      'cose_key_to_spki',
      { cose_key: bytes(concatBytes(Uint8Array.from(Buffer.from('a3010703382f2059051f', 'hex')), key.raw.slice(1))) },
      'key_malformed',
    );
    const message = new Uint8Array(Buffer.from('exactly this'));
    const signature = key.sign(message);
    const sound = { spki: bytes(spki), message: bytes(message), signature: bytes(signature) };
    good('a signature', 'verify_signature', sound, 'valid');
    bad('of another message', 'verify_signature', { ...sound, message: text('exactly That') }, 'signature_invalid');
    bad('by another key', 'verify_signature', { ...sound, spki: bytes(authenticator.spki) }, 'signature_invalid');
    bad('a byte less', 'verify_signature', { ...sound, signature: bytes(signature.slice(1)) }, 'signature_malformed');
    const nonce = seeded('webauthn nonce');
    const hash = new Uint8Array(createHash('sha256').update('what is approved').digest());
    const assertion = authenticator.assert({ challenge: concatBytes(nonce, hash) });
    const asserted = {
      spki: bytes(authenticator.spki),
      authenticator_data: bytes(assertion.authenticatorData),
      client_data_json: bytes(assertion.clientDataJSON),
      signature: bytes(assertion.signature),
      nonce: bytes(nonce),
      hash: bytes(hash),
    };
    good('a passkey', 'verify_assertion', asserted, {
      origin: alice.origin,
      cross_origin: false,
      user_verified: true,
      backed_up: false,
    });
    bad(
      'a passkey, another challenge',
      'verify_assertion',
      { ...asserted, nonce: bytes(seeded('another nonce')) },
      'challenge_mismatch',
    );
    bad(
      'a passkey, another signature',
      'verify_assertion',
      { ...asserted, signature: bytes(signature) },
      'signature_invalid',
    );
    const witness = createTestWitness({ name: 'witness.example.com/pq', seed: 23, mlDsa: true });
    const noteText = `${ORIGIN}\n7\n${Buffer.from(seeded('root')).toString('base64')}\n`;
    const line = witness.cosign(noteText, 1_775_235_700_000);
    const timestamped = new Uint8Array(Buffer.from(line.split(' ')[2]!, 'base64').subarray(4));
    const cosigned = { cosigner: witness.vkey, note_text: noteText, timestamped_signature: bytes(timestamped) };
    good('a cosignature', 'check_cosignature', cosigned, 1_775_235_700_000);
    good(
      'a cosignature, which covers no extension lines',
      'check_cosignature',
      { ...cosigned, note_text: `${noteText}extension\n` },
      1_775_235_700_000,
    );
    bad(
      'a cosignature of another tree',
      'check_cosignature',
      { ...cosigned, note_text: noteText.replace('\n7\n', '\n8\n') },
      'signature_invalid',
    );
    bad(
      'a cosignature under another name',
      'check_cosignature',
      { ...cosigned, cosigner: createTestWitness({ name: 'witness.example.com/other', seed: 23, mlDsa: true }).vkey },
      'signature_invalid',
    );
    bad(
      'a cosignature with a byte less',
      'check_cosignature',
      { ...cosigned, timestamped_signature: bytes(timestamped.slice(1)) },
      'signature_malformed',
    );
    const approval = approve({ authenticator: [alice, authenticator] });
    good(
      'a receipt that an ML-DSA-44 passkey signed too',
      'verify_receipt',
      { receipt: text(JSON.stringify(consumedReceipt(approval))), pins: fullPins(approval) },
      report('authorized'),
    );
  });
}
