import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import {
  agentmintToken,
  cosignetApproval,
  dsseEnvelope,
  type ForeignOptions,
  inTotoAttestation,
  keyEnvelope,
  passkeyEnvelope,
  signedApprovalDecision,
} from '@assent/test-support/foreign-evidence';
import { createTestLog } from '@assent/test-support/receipts';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { APPROVAL_PAYLOAD_TYPE } from './approval.ts';
import { base64Decode, base64Encode, base64urlEncode } from './base64.ts';
import { utf8Encode } from './bytes.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import { checkContent, type UnverifiedContent } from './content.ts';
import { preAuthEncoding } from './dsse.ts';
import { eitherBase64, foreignDigest, isForeignPayloadType, parseForeignEnvelope } from './foreign-content.ts';
import { CHECK_IDS, type Report } from './report.ts';
import { sha256 } from './sha256.ts';
import { verifyReceipt } from './verify-receipt.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
const COSIGNET = 'application/vnd.cosignet.approval+json';
const SIGNED_APPROVAL = 'application/vnd.signedapproval.decision.v1+json';
const AGENTMINT = 'application/vnd.agentmint.token+json';

async function outcome(content: Json, more: Partial<UnverifiedContent> = {}) {
  const evidence = await checkContent({ kind: 'approval', origin: log.origin, content, ...more });
  const say = ({ status, code }: typeof evidence.content) => (code === undefined ? status : `${status} ${code}`);
  return [say(evidence.content), say(evidence.signatures)];
}

function verify(content: Json): Promise<Report> {
  return verifyReceipt(log.append({ content }).receipt, { logKeys: [log.vkey], at: Date.now() });
}

const payloadOf = ({ payload }: JsonObject): Uint8Array => unwrap(base64Decode(payload as string));
const signatureOf = ({ signatures }: JsonObject): JsonObject => (signatures as readonly JsonObject[])[0]!;
const withSignature = (envelope: JsonObject, changes: JsonObject): JsonObject => ({
  ...envelope,
  signatures: [{ ...signatureOf(envelope), ...changes }],
});

describe('a receipt of evidence of another system', () => {
  it.each([
    ['Cosignet', cosignetApproval(), 'approved'],
    ['SignedApproval', signedApprovalDecision(), 'approved'],
    ['AgentMint', agentmintToken(), 'approved'],
    ['in-toto', inTotoAttestation(), 'none'],
    ['DSSE', dsseEnvelope('text/plain', utf8Encode('anything')), 'none'],
    ['DSSE', passkeyEnvelope('text/x', utf8Encode('x'), preAuthEncoding('text/x', utf8Encode('x'))), 'none'],
  ])('%s is authentic at best, and says what it cannot prove', async (format, envelope, decision) => {
    const report = await verify(envelope);
    expect(report.verdict).toBe('authentic');
    expect(report.checks.map(({ id, status, code }) => [id, status, code])).toEqual(
      CHECK_IDS.map((id, index) => {
        if (index >= 7) return [id, 'skip', 'foreign_payload'];
        return [id, 'pass', id === 'witnesses' ? 'no_quorum' : undefined];
      }),
    );
    expect(report.approval).toBeUndefined();
    expect(report.foreign).toMatchObject({
      format,
      decision,
      payload_type: envelope.payloadType,
      digest: foreignDigest(envelope.payloadType as string, payloadOf(envelope)),
      signers: [{ keyid: signatureOf(envelope).keyid }],
    });
    expect(report.foreign!.cannot_prove.length).toBeGreaterThan(1);
    for (const limit of report.foreign!.cannot_prove) expect(report.summary).toContain(limit);
    expect(report.summary).toContain(decision === 'none' ? 'no decision' : `approved by ${format}`);
  });

  it('shows what Cosignet signed as it was signed, and whose passkey by its keyid alone', async () => {
    const payload = utf8Encode('{ "to":"acct_8821",  "amount_usd":4200 }');
    const report = await verify(cosignetApproval({ payload }));
    expect(report.foreign).toMatchObject({ action: '{ "to":"acct_8821",  "amount_usd":4200 }' });
    expect(report.foreign!.signers[0]).toMatchObject({ kind: 'passkey', user_verified: true });
    expect(report.foreign).not.toHaveProperty('who');
    expect(report.foreign).not.toHaveProperty('when');
  });

  it('shows what SignedApproval says', async () => {
    const report = await verify(signedApprovalDecision({ members: { did: 'dec_1', unknown: [1] } }));
    expect(report.foreign).toMatchObject({
      id: 'dec_1',
      who: 'a1b2c3d4e5f60718',
      action: '98badcfe10325476',
      method: 'passkey',
      when: '2026-04-03T17:00:00.000Z',
      until: '2026-04-03T17:15:00.000Z',
    });
  });

  it('refuses a rejection by SignedApproval', async () => {
    const report = await verify(signedApprovalDecision({ members: { decision: 'rejected' } }));
    expect(report.verdict).toBe('refused');
    expect(report.summary).toContain('by SignedApproval this was rejected');
  });

  it('shows what AgentMint says, and of a delegated token who approved the first one', async () => {
    const report = await verify(agentmintToken({ members: { jti: 'token-1' } }));
    expect(report.foreign).toMatchObject({
      id: 'token-1',
      who: 'alice@example.com',
      action: 'deploy:api-v2',
      when: '2026-04-03T17:00:00.123Z',
      until: '2026-04-03T17:05:00.123Z',
    });
    const members = {
      sub: 'build-agent',
      receipt_type: 'delegated',
      parent_jti: 'token-1',
      original_approver: 'alice@example.com',
      scope: ['build:*'],
      delegates_to: [],
      requires_checkpoint: ['deploy:production'],
      max_delegation_depth: 2,
      depth: 1,
    };
    const delegated = await verify(agentmintToken({ members }));
    expect(delegated.foreign).toMatchObject({ who: 'alice@example.com' });
    expect(delegated.foreign!.cannot_prove.join()).toContain('the token token-1');
  });

  it('is invalid when one signature of several is bad', async () => {
    const [a, b] = [createServiceKey(), createServiceKey()];
    const payload = utf8Encode('anything');
    const both = [a, b].map((key) => signatureOf(dsseEnvelope('text/plain', payload, key)));
    const sorted = both.sort((x, y) => (String(x.keyid) < String(y.keyid) ? -1 : 1));
    const good = { ...dsseEnvelope('text/plain', payload, a), signatures: sorted };
    expect((await verify(good)).verdict).toBe('authentic');
    const bad = { ...good, signatures: [sorted[0]!, { ...sorted[1]!, sig: sorted[0]!.sig! }] };
    expect((await verify(bad)).verdict).toBe('invalid');
  });

  it('is invalid with an intent, a text or a policy beside it, which would be compared with nothing', async () => {
    const { intent } = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
    const content = cosignetApproval();
    expect(await outcome(content, { intent })).toEqual(['fail unknown_member', 'pass']);
    expect(await outcome(content, { disclosed: { display: 'Pay' } })).toEqual(['fail unknown_member', 'pass']);
    expect(await outcome(content, { disclosed: { policy: {} } })).toEqual(['fail unknown_member', 'pass']);
  });
});

describe('the envelope of a foreign payload', () => {
  it('may be in either alphabet, and every other spelling is refused', () => {
    const bytes = Uint8Array.of(0xfb, 0xff, 0xbf, 0xff);
    const read = (text: string) => eitherBase64(text);
    for (const text of ['+/+//w==', '-_-__w', '-_-__w==']) expect(read(text)).toEqual({ ok: true, value: bytes });
    for (const text of ['+/+//w', '+_+_/w==', '-_-__w=', '-_-__x', ' -_-__w', '-_-__w===', '+/+//x==', '-_-__w==\n']) {
      expect(codeOf(read(text)), text).toBe('bad_base64');
    }
    expect(codeOf(eitherBase64(1))).toBe('wrong_type');
  });

  it('verifies in base64url, to the last member', async () => {
    const toUrl = (text: Json | undefined) => base64urlEncode(unwrap(base64Decode(text as string)));
    const envelope = cosignetApproval();
    const { keyid, publicKey, sig, webauthn } = signatureOf(envelope) as { webauthn: JsonObject } & JsonObject;
    const parts = Object.fromEntries(Object.entries(webauthn).map(([name, value]) => [name, toUrl(value)]));
    const signature = { keyid: keyid!, publicKey: toUrl(publicKey), sig: toUrl(sig), webauthn: parts };
    const content = { ...envelope, payload: toUrl(envelope.payload), signatures: [signature] };
    expect(await outcome(content)).toEqual(['pass', 'pass']);
    expect(unwrap(parseForeignEnvelope(content)).payload).toEqual(payloadOf(envelope));
  });

  it.each<[string, JsonObject, string]>([
    ['an unknown member', { ...cosignetApproval(), note: 1 }, 'fail unknown_member'],
    ['no payload', { payloadType: COSIGNET, signatures: [] }, 'fail missing_member'],
    ['an empty payload type', dsseEnvelope('', utf8Encode('x')), 'fail bad_value'],
  ])('is refused with %s', async (_, content, expected) => {
    expect((await outcome(content))[0]).toBe(expected);
  });

  it('is held to our rules for signatures', async () => {
    const envelope = signedApprovalDecision();
    const other = signatureOf(signedApprovalDecision());
    const tried = [
      [{ ...envelope, signatures: [] }, 'signatures_count'],
      [{ ...envelope, signatures: [signatureOf(envelope), signatureOf(envelope)] }, 'signatures_unsorted'],
      [withSignature(envelope, { keyid: other.keyid! }), 'keyid_mismatch'],
      [withSignature(envelope, { note: 1 }), 'unknown_member'],
      [withSignature(envelope, { sig: other.sig! }), 'signature_invalid'],
      [withSignature(envelope, { sig: 'AA==' }), 'signature_malformed'],
    ] as const;
    for (const [content, code] of tried) expect(await outcome(content)).toEqual(['pass', `fail ${code}`]);
  });
});

describe('which bytes are signed', () => {
  const key = createServiceKey();
  const p256 = createServiceKey('es256');
  const decision = payloadOf(signedApprovalDecision());
  const token = payloadOf(agentmintToken());
  const action = utf8Encode('{"to":"acct_8821"}');
  const b64u = (bytes: Uint8Array) => utf8Encode(base64urlEncode(bytes));

  it.each<[string, JsonObject, string]>([
    [
      'SignedApproval over the PAE',
      keyEnvelope(SIGNED_APPROVAL, decision, preAuthEncoding(SIGNED_APPROVAL, decision), key),
      'signature_invalid',
    ],
    ['AgentMint over the payload itself', keyEnvelope(AGENTMINT, token, token, key), 'signature_invalid'],
    [
      'AgentMint over the text with its dot',
      keyEnvelope(AGENTMINT, token, utf8Encode(`${base64urlEncode(token)}.`), key),
      'signature_invalid',
    ],
    [
      'Cosignet over the PAE',
      passkeyEnvelope(COSIGNET, action, preAuthEncoding(COSIGNET, action)),
      'challenge_mismatch',
    ],
    [
      'in-toto over the payload itself',
      keyEnvelope('application/vnd.in-toto+json', action, action, key),
      'signature_invalid',
    ],
    ['SignedApproval by a P-256 key', keyEnvelope(SIGNED_APPROVAL, decision, decision, p256), 'wrong_signer'],
    ['AgentMint by a P-256 key', keyEnvelope(AGENTMINT, token, b64u(token), p256), 'wrong_signer'],
    ['SignedApproval by a passkey', passkeyEnvelope(SIGNED_APPROVAL, decision, decision), 'wrong_signer'],
    [
      'SignedApproval by an Ed25519 passkey',
      passkeyEnvelope(SIGNED_APPROVAL, decision, decision, createAuthenticator({ algorithm: 'EdDSA' })),
      'wrong_signer',
    ],
    ['Cosignet by a key', keyEnvelope(COSIGNET, action, action, key), 'wrong_signer'],
  ])('is not another system’s: %s', async (_, content, code) => {
    expect(await outcome(content)).toEqual(['pass', `fail ${code}`]);
  });

  it('does not let an approval of ours pass for an action of Cosignet, nor the other way round', async () => {
    const authenticator = createAuthenticator();
    const ours = createApproval({ origin: log.origin, authenticator });
    const encoding = preAuthEncoding(APPROVAL_PAYLOAD_TYPE, ours.payload);
    const asCosignet = { ...ours.envelope, payloadType: COSIGNET, payload: Buffer.from(encoding).toString('base64') };
    // The very same signature verifies over these bytes; they are no JSON.
    expect(await outcome(asCosignet)).toEqual(['fail json_syntax', 'pass']);
    expect(await outcome({ ...cosignetApproval(), payloadType: APPROVAL_PAYLOAD_TYPE })).toEqual([
      'fail json_not_canonical',
      'fail challenge_mismatch',
    ]);
  });
});

describe('a flipped bit', () => {
  it.each([
    ['Cosignet', cosignetApproval()],
    ['SignedApproval', signedApprovalDecision()],
    ['AgentMint', agentmintToken()],
    ['in-toto', inTotoAttestation()],
  ])('anywhere in what %s signed, in a signature or a key, never leaves the evidence good', async (_, envelope) => {
    const { webauthn, ...signature } = signatureOf(envelope) as { readonly webauthn?: JsonObject } & JsonObject;
    const places: readonly (readonly [Json | undefined, (changed: string) => JsonObject])[] = [
      [envelope.payload, (payload) => ({ ...envelope, payload })],
      [signature.sig, (sig) => withSignature(envelope, { sig })],
      [signature.publicKey, (publicKey) => withSignature(envelope, { publicKey })],
      ...Object.keys(webauthn ?? {}).map(
        (part) =>
          [
            webauthn![part],
            (changed: string) => withSignature(envelope, { webauthn: { ...webauthn, [part]: changed } }),
          ] as const,
      ),
    ];
    for (const [text, changed] of places) {
      const bytes = unwrap(base64Decode(text as string));
      for (let bit = 0; bit < 8 * bytes.length; bit += 3) {
        const flipped = new Uint8Array(bytes);
        flipped[Math.floor(bit / 8)]! ^= 2 ** (bit % 8);
        const outcomes = await outcome(changed(base64Encode(flipped)));
        expect(
          outcomes.some((one) => one.startsWith('fail')),
          `bit ${bit}: ${outcomes}`,
        ).toBe(true);
      }
    }
  });

  it('in the payload type of any DSSE spoils it, as the type is signed', async () => {
    const envelope = dsseEnvelope('text/plain', utf8Encode('x'));
    expect(await outcome({ ...envelope, payloadType: 'text/plaio' })).toEqual(['pass', 'fail signature_invalid']);
  });
});

describe('what the payloads may be', () => {
  const cases: readonly [string, (options: ForeignOptions) => JsonObject, readonly [object, string][]][] = [
    [
      'SignedApproval',
      signedApprovalDecision,
      [
        [{ v: 2 }, 'skip unsupported'],
        [{ v: '1' }, 'fail wrong_type'],
        [{ rid: undefined }, 'fail missing_member'],
        [{ did: '' }, 'fail bad_value'],
        [{ approver: 'a1b2' }, 'fail bad_value'],
        [{ approver: 1 }, 'fail wrong_type'],
        [{ action: 'refund 42.00 USD' }, 'fail bad_value'],
        [{ decision: 'pending' }, 'fail bad_value'],
        [{ method: undefined }, 'fail missing_member'],
        [{ ts: 1_775_235_600_000 }, 'fail bad_time'],
        [{ ts: 1.5 }, 'fail bad_time'],
        [{ exp: 1_775_235_600 }, 'fail bad_value'],
        [{ nonce: null }, 'fail wrong_type'],
      ],
    ],
    [
      'AgentMint',
      agentmintToken,
      [
        [{ jti: undefined }, 'fail missing_member'],
        [{ sub: 7 }, 'fail wrong_type'],
        [{ action: '' }, 'fail bad_value'],
        [{ iat: '2026-02-30T00:00:00Z' }, 'fail bad_time'],
        [{ iat: '2026-04-03T17:00:00.1234567890Z' }, 'fail bad_time'],
        [{ iat: '2026-04-03T17:00:00+02:00' }, 'fail bad_time'],
        [{ iat: true }, 'fail wrong_type'],
        [{ exp: '2026-04-03T17:00:00.123Z' }, 'fail bad_value'],
        [{ iat: 1_775_235_600, exp: 1_775_235_601 }, 'pass'],
        [{ iat: '2026-04-03T17:00:00Z' }, 'pass'],
        [{ scope: 'build:*' }, 'fail wrong_type'],
        [{ scope: [1] }, 'fail wrong_type'],
        [{ depth: -1 }, 'fail bad_value'],
        [{ max_delegation_depth: '2' }, 'fail wrong_type'],
        [{ parent_jti: null }, 'fail wrong_type'],
      ],
    ],
  ];
  for (const [format, make, changes] of cases) {
    for (const [members, expected] of changes) {
      it(`${format} with ${JSON.stringify(members)}: ${expected}`, async () => {
        const content = make({ members: { ...members } });
        expect(await outcome(content)).toEqual([expected, 'pass']);
      });
    }
  }

  it.each([
    ['no JSON', 'refund', 'json_syntax'],
    ['a list', '[]', 'wrong_type'],
    ['a key twice', '{"to":"a","to":"b"}', 'json_duplicate_key'],
    ['a number that changes', '{"amount":9007199254740993}', 'json_number'],
    ['a lone surrogate', '{"to":"\\ud800"}', 'json_lone_surrogate'],
    ['33 levels', `{"a":${'['.repeat(32)}${']'.repeat(32)}}`, 'json_too_deep'],
  ])('of Cosignet is refused as %s', async (_, text, code) => {
    expect(await outcome(cosignetApproval({ payload: utf8Encode(text) }))).toEqual([`fail ${code}`, 'pass']);
  });

  it('is not read where nobody decided anything', async () => {
    expect(await outcome(dsseEnvelope('application/vnd.in-toto+json', Uint8Array.of(0xff)))).toEqual(['pass', 'pass']);
  });
});

describe('the identity of a foreign payload', () => {
  it('covers its type, and is no payload of ours', () => {
    const payload = utf8Encode('{}');
    expect(foreignDigest('a', payload)).not.toBe(foreignDigest('b', payload));
    expect(foreignDigest('a', payload)).toBe(
      `sha256:${Buffer.from(sha256(utf8Encode('DSSEv1 1 a 2 {}'))).toString('hex')}`,
    );
  });

  it('is foreign whatever is not ours, now or later', () => {
    expect([COSIGNET, '', 'text/plain', 'application/vnd.assentment'].map(isForeignPayloadType)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    const ours = [APPROVAL_PAYLOAD_TYPE, 'application/vnd.assent.approval.v9+json', 'Application/Vnd.Assent.x'];
    expect(ours.map(isForeignPayloadType)).toEqual([false, false, false]);
  });
});
