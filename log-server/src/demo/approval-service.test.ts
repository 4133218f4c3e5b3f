import { createAuthenticator, createTestLog, type TestAuthenticator } from '@assent/test-support';
import {
  base64Encode,
  base64urlDecode,
  base64urlEncode,
  type Json,
  parseReceipt,
  passkeyRequest,
  verifyReceipt,
} from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { Problem } from '../problems.ts';
import { type Answer, ApprovalService } from './approval-service.ts';
import { type ApprovalRequest, DEMO_SERVICE, requestStatement } from './payment-request.ts';

const SITE = { rpId: 'localhost', origin: 'http://localhost:6962' };
const PAYMENT = { recipient: 'Harbour Books Ltd', amount: '1250.00' };
const passkey = createAuthenticator({ rpId: SITE.rpId, origin: SITE.origin });

type Appended = { readonly submission: unknown; readonly services: readonly string[] };

function setUp({ capacity = 10 } = {}) {
  const testLog = createTestLog();
  const appended: Appended[] = [];
  const clock = { now: Date.now(), refuse: undefined as Problem | undefined };
  const log = {
    origin: testLog.origin,
    async append(submission: unknown, { services }: { services: readonly string[] }) {
      appended.push({ submission, services });
      if (clock.refuse !== undefined) throw clock.refuse;
      const { content } = submission as { content: Json };
      const { index, receipt } = testLog.append({ content, loggedAt: clock.now });
      return { created: true, index, receipt };
    },
  };
  const service = new ApprovalService({ log, capacity, now: () => clock.now });
  return { service, testLog, appended, clock };
}

/** What the page would send. */
function answerOf(
  request: ApprovalRequest,
  decision: Answer['decision'],
  authenticator: TestAuthenticator = passkey,
  options: { userVerified?: boolean; crossOrigin?: boolean } = {},
  signedDecision = decision,
): Answer {
  const { nonce, publicKey } = passkeyRequest({ payload: requestStatement(request, signedDecision), rpId: SITE.rpId });
  const challenge = base64urlDecode(publicKey.challenge);
  if (!challenge.ok) throw new Error(challenge.detail);
  const { authenticatorData, clientDataJSON, signature } = authenticator.assert({
    challenge: challenge.value,
    ...options,
  });
  return {
    id: request.id,
    decision,
    publicKey: base64Encode(authenticator.spki),
    nonce: base64urlEncode(nonce),
    response: {
      authenticatorData: base64urlEncode(authenticatorData),
      clientDataJSON: base64urlEncode(clientDataJSON),
      signature: base64urlEncode(signature),
    },
  };
}

const codeOf = (work: Promise<unknown> | (() => unknown)): Promise<string> =>
  (typeof work === 'function' ? Promise.resolve().then(work) : work).then(
    () => 'no problem',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

describe('ApprovalService', () => {
  it.each(['ES256', 'EdDSA', 'RS256'] as const)(
    'logs what a passkey with %s decided, and discloses the action',
    async (algorithm) => {
      const { service, testLog, appended } = setUp();
      const authenticator = createAuthenticator({ algorithm, rpId: SITE.rpId, origin: SITE.origin });
      const request = service.ask(PAYMENT);
      const { index, receipt } = await service.answer(answerOf(request, 'approved', authenticator), SITE);
      expect(index).toBe(0);
      expect(appended).toMatchObject([
        { services: [DEMO_SERVICE], submission: { kind: 'approval', visibility: 'open' } },
      ]);
      const parsed = parseReceipt(receipt);
      expect(parsed.ok && parsed.value.disclosures).toEqual({ intent: request.intent, display: request.display });
      const report = await verifyReceipt(receipt, { logKeys: [testLog.vkey], intent: request.intent });
      expect(report.verdict, report.summary).toBe('authentic');
    },
  );

  it('logs a refusal', async () => {
    const { service, testLog } = setUp();
    const { receipt } = await service.answer(answerOf(service.ask(PAYMENT), 'rejected'), SITE);
    expect((await verifyReceipt(receipt, { logKeys: [testLog.vkey] })).verdict).toBe('refused');
  });

  it('gives the same receipt for the same answer, and takes no other', async () => {
    const { service, appended } = setUp();
    const request = service.ask(PAYMENT);
    const answer = answerOf(request, 'approved');
    const [first, second] = await Promise.all([service.answer(answer, SITE), service.answer(answer, SITE)]);
    expect(second).toEqual(first);
    expect(appended).toHaveLength(1);
    expect(await codeOf(service.answer(answerOf(request, 'rejected'), SITE))).toBe('identity_conflict');
    expect(await codeOf(service.answer(answerOf(request, 'approved'), SITE))).toBe('identity_conflict');
  });

  it('logs nothing for a signature over something else, of another page, or of a person who was not verified', async () => {
    const { service, appended } = setUp();
    const request = service.ask(PAYMENT);
    const other = service.ask({ ...PAYMENT, amount: '9999.00' });
    const refused: [string, Answer][] = [
      ['another decision', answerOf(request, 'approved', passkey, {}, 'rejected')],
      ['another request', { ...answerOf(other, 'approved'), id: request.id }],
      ['another amount', answerOf({ ...request, intent: { ...request.intent, args: other.intent.args } }, 'approved')],
      ['another key', { ...answerOf(request, 'approved'), publicKey: base64Encode(createAuthenticator().spki) }],
      [
        'another origin',
        answerOf(request, 'approved', createAuthenticator({ rpId: SITE.rpId, origin: 'http://localhost:1' })),
      ],
      [
        'another domain',
        answerOf(request, 'approved', createAuthenticator({ rpId: 'example.com', origin: SITE.origin })),
      ],
      ['a frame', answerOf(request, 'approved', passkey, { crossOrigin: true })],
      ['nobody verified', answerOf(request, 'approved', passkey, { userVerified: false })],
    ];
    for (const [what, answer] of refused) {
      expect(await codeOf(service.answer(answer, SITE)), what).toBe('content_refused');
    }
    const malformed = answerOf(request, 'approved');
    for (const answer of [
      { ...malformed, publicKey: '!' },
      { ...malformed, publicKey: 'AAAA' },
      { ...malformed, nonce: 'a=' },
      { ...malformed, response: { ...malformed.response, signature: '+' } },
    ]) {
      expect(await codeOf(service.answer(answer, SITE))).toBe('invalid_request');
    }
    expect(appended).toHaveLength(0);
    // None of them used the request up.
    expect(await codeOf(service.answer(malformed, SITE))).toBe('no problem');
  });

  it('can be asked again when the log refused', async () => {
    const { service, clock, appended } = setUp();
    const answer = answerOf(service.ask(PAYMENT), 'approved');
    clock.refuse = new Problem('not_durable', 'later');
    expect(await codeOf(service.answer(answer, SITE))).toBe('not_durable');
    clock.refuse = undefined;
    expect(await codeOf(service.answer(answer, SITE))).toBe('no problem');
    expect(appended).toHaveLength(2);
  });

  it('forgets requests when they expire, and never pushes one out', async () => {
    const { service, clock } = setUp({ capacity: 2 });
    const request = service.ask(PAYMENT);
    clock.now += 1;
    service.ask(PAYMENT);
    expect(await codeOf(() => service.ask(PAYMENT))).toBe('overloaded');
    const answer = answerOf(request, 'approved');
    clock.now = Date.parse(request.expires_at);
    expect(await codeOf(service.answer(answer, SITE))).toBe('not_found');
    expect(await codeOf(() => service.ask(PAYMENT))).toBe('no problem');
    expect(await codeOf(() => service.ask(PAYMENT))).toBe('overloaded');
    expect(await codeOf(service.answer({ ...answer, id: 'req_unknown' }, SITE))).toBe('not_found');
  });

  it('makes every request unique', () => {
    const { service } = setUp();
    const [first, second] = [service.ask(PAYMENT), service.ask(PAYMENT)];
    expect(first.id).not.toBe(second.id);
    expect(first.intent.salt).not.toBe(second.intent.salt);
    expect(Date.parse(first.expires_at) - Date.parse(first.issued_at)).toBe(600_000);
  });
});
