import { type ApprovalOptions, createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { APPROVAL_PAYLOAD_TYPE } from './approval.ts';
import { utf8Encode } from './bytes.ts';
import { canonicalBytes, canonicalJson, type Json, type JsonObject } from './canonical-json.ts';
import { checkContent, type UnverifiedContent } from './content.ts';
import { parseEnvelope } from './dsse.ts';
import { formatEntry, formatEntryAround, parseEntry } from './entry.ts';
import { webCryptoPrimitives } from './primitives.ts';

const origin = 'log.example.com/approvals';
const authenticator = createAuthenticator();
const serviceKey = createServiceKey();

function approve(options: Partial<ApprovalOptions> = {}) {
  return createApproval({ origin, authenticator, ...options });
}

async function outcome(unverified: Partial<UnverifiedContent> & { readonly content: Json }) {
  const { content, signatures } = await checkContent({ kind: 'approval', origin, ...unverified });
  const say = ({ status, code }: typeof content) => (code === undefined ? status : `${status} ${code}`);
  return [say(content), say(signatures)];
}

describe('checkContent', () => {
  it('passes what an approval service makes, and hands out what the log needs', async () => {
    const { envelope, statement, digest, intent } = approve({ serviceKey });
    const evidence = await checkContent({ kind: 'approval', content: envelope, intent, origin });
    expect(evidence).toMatchObject({
      content: { status: 'pass' },
      signatures: { status: 'pass', detail: expect.stringContaining('All 2 signatures') },
      statement,
      statementDigest: digest,
      intent,
      canonicalIntent: canonicalJson(intent),
    });
    expect(evidence.signers?.map(({ kind }) => kind).sort()).toEqual(['key', 'passkey']);
    const entry = formatEntryAround(canonicalJson(envelope), 'approval', 1, evidence.canonicalIntent);
    expect(utf8Encode(entry)).toEqual(
      formatEntry({ kind: 'approval', loggedAt: 1, content: envelope, reveal: { intent } }),
    );
    expect(unwrap(parseEntry(utf8Encode(entry))).kind).toBe('approval');
  });

  it.each(['approved', 'rejected', 'expired'] as const)('passes an intact statement that says %s', async (decision) => {
    const { envelope } = createApproval({ origin, serviceKey, overrides: { decision } });
    expect(await outcome({ content: envelope })).toEqual(['pass', 'pass']);
  });

  it('gives no statement away as intact that is not', async () => {
    const { envelope, statement, intent } = approve();
    const evidence = await checkContent({ kind: 'approval', content: envelope, intent, origin: 'another.example/log' });
    expect(evidence.statement).toBeUndefined();
    expect(evidence.canonicalIntent).toBeUndefined();
    expect(evidence.unverifiedStatement).toEqual(statement);
  });
});

describe('the content check', () => {
  const { envelope, statement } = approve();

  it.each<[string, Json, string]>([
    ['no object', 'content', 'wrong_type'],
    ['null', null, 'wrong_type'],
    ['an empty object', {}, 'missing_member'],
    ['a payload type that is a number', { ...envelope, payloadType: 1 }, 'wrong_type'],
    ['an unknown member', { ...envelope, note: '' }, 'unknown_member'],
    ['a payload in the other alphabet', { ...envelope, payload: '-_-_' }, 'bad_base64'],
  ])('fails for %s, before any signature', async (_, content, code) => {
    expect(await outcome({ content })).toEqual([`fail ${code}`, 'skip premise_failed']);
  });

  it('fails for a statement that is not well formed, whose signatures are judged all the same', async () => {
    const signedPayload = (payload: Uint8Array) => outcome({ content: approve({ payload }).envelope });
    expect(await signedPayload(utf8Encode('{}'))).toEqual(['fail missing_member', 'pass']);
    expect(await signedPayload(utf8Encode('{ }'))).toEqual(['fail json_not_canonical', 'pass']);
    expect(await signedPayload(utf8Encode('{"a":1,"a":1}'))).toEqual(['fail json_duplicate_key', 'pass']);
    expect(await signedPayload(Uint8Array.of(0xff))).toEqual(['fail not_utf8', 'pass']);
    expect(await signedPayload(canonicalBytes({ ...statement, note: 1 }))).toEqual(['fail unknown_member', 'pass']);
  });

  it('says unsupported for a later version of the statement', async () => {
    const payload = canonicalBytes({ ...statement, type: 'assent/approval/v2', more: 1 });
    expect(await outcome({ content: approve({ payload }).envelope })).toEqual(['skip unsupported', 'pass']);
  });

  it('fails for a statement that was made for another log', async () => {
    expect(await outcome({ content: envelope, origin: 'log.example.com' })).toEqual(['fail log_mismatch', 'pass']);
  });

  it('cannot be made without knowing the log', async () => {
    const evidence = await checkContent({ kind: 'approval', content: envelope });
    expect(evidence.content).toMatchObject({ status: 'skip', code: 'premise_failed' });
  });
});

describe('kind and payload type', () => {
  const of = (payloadType: string) => ({ payloadType, payload: '-_', signatures: [] });

  it.each([
    ['approval', 'application/vnd.assent.consumption.v1+json'],
    ['approval', 'application/vnd.assent.trust-root.v1+json'],
    ['consumption', APPROVAL_PAYLOAD_TYPE],
    ['consumption', 'application/vnd.in-toto+json'],
    ['trust-root', 'application/vnd.assent.consumption.v1+json'],
  ] as const)('%s does not fit %s', async (kind, payloadType) => {
    expect(await outcome({ kind, content: of(payloadType) })).toEqual(['fail kind_mismatch', 'skip premise_failed']);
  });

  it.each([
    ['approval', 'application/vnd.assent.approval.v2+json'],
    ['approval', 'APPLICATION/vnd.assent.other'],
  ] as const)('%s fits %s, which is not judged yet', async (kind, payloadType) => {
    expect(await outcome({ kind, content: of(payloadType) })).toEqual(['skip unsupported', 'skip unsupported']);
  });
});

describe('the signatures check', () => {
  const { envelope } = approve({ serviceKey });
  const signatures = envelope.signatures as readonly JsonObject[];
  const change = (index: number, changes: JsonObject) =>
    outcome({
      content: {
        ...envelope,
        signatures: signatures.map((item, at) => (at === index ? { ...item, ...changes } : item)),
      },
    });

  it('fails for what cannot be read, while the content is intact', async () => {
    expect(await outcome({ content: { ...envelope, signatures: [] } })).toEqual(['pass', 'fail signatures_count']);
    expect(await outcome({ content: { ...envelope, signatures: {} } })).toEqual(['pass', 'fail wrong_type']);
    expect(await outcome({ content: { ...envelope, signatures: signatures.toReversed() } })).toEqual([
      'pass',
      'fail signatures_unsorted',
    ]);
    expect(await change(0, { publicKey: signatures[1]!.publicKey! })).toEqual(['pass', 'fail keyid_mismatch']);
    expect(await change(1, { sig: 'AA==' })).toEqual(['pass', expect.stringMatching(/^fail signature_malformed$/)]);
    expect(await change(0, { note: '' })).toEqual(['pass', 'fail unknown_member']);
  });

  it("fails for another statement's signature", async () => {
    const other = approve({ serviceKey }).envelope.signatures as readonly JsonObject[];
    const key = signatures.findIndex(({ webauthn }) => webauthn === undefined);
    expect(await change(key, { sig: other[key]!.sig! })).toEqual(['pass', 'fail signature_invalid']);
    expect(await change(1 - key, { sig: other[1 - key]!.sig! })).toEqual(['pass', 'fail signature_invalid']);
    expect(await change(1 - key, other[1 - key]!)).toEqual(['pass', 'fail challenge_mismatch']);
  });

  it.each([
    ['nobody was present', { userPresent: false }, 'user_not_present'],
    ['it is backed up and cannot be', { backedUp: true }, 'backup_state_invalid'],
    ['the client data is of another type', { extraClientData: { type: 'webauthn.create' } }, 'client_data_type'],
    ['the client data has another challenge', { extraClientData: { challenge: 'AAAA' } }, 'challenge_mismatch'],
    ['the client data has no origin', { extraClientData: { origin: 1 } }, 'client_data_malformed'],
    ['the extensions are no CBOR', { extensions: Uint8Array.of(0xff) }, 'cbor_malformed'],
    ['bytes follow the extensions', { extensions: Uint8Array.of(0xa0, 0xa0) }, 'authenticator_data_malformed'],
  ] as const)('fails where %s', async (_, assertion, code) => {
    expect(await outcome({ content: approve({ assertion }).envelope })).toEqual(['pass', `fail ${code}`]);
  });

  it('reports and does not judge user verification, frames and the counter', async () => {
    const assertion = { userVerified: false, crossOrigin: true, topOrigin: 'https://evil.example', signCount: 7 };
    expect(await outcome({ content: approve({ assertion }).envelope })).toEqual(['pass', 'pass']);
  });

  it('fails where a passkey says that nobody decided', async () => {
    const { envelope: expired } = approve({ serviceKey, overrides: { decision: 'expired' } });
    expect(await outcome({ content: expired })).toEqual(['pass', 'fail wrong_signer']);
  });

  it('is skipped where the runtime lacks the algorithm', async () => {
    const primitives = { ...webCryptoPrimitives, verifySignature: async () => 'unsupported' as const };
    const evidence = await checkContent({ kind: 'approval', content: envelope, origin }, primitives);
    expect(evidence.signatures).toMatchObject({ status: 'skip', code: 'unsupported' });
    expect(evidence.signers).toBeUndefined();
  });

  it('hands out signatures that can be read again', () => {
    expect(unwrap(parseEnvelope(envelope)).signatures).toHaveLength(2);
  });
});
