import {
  createApproval,
  createAuthenticator,
  createConsumption,
  createServiceKey,
  createTrustVersion,
} from '@assent/test-support';
import { agentmintToken } from '@assent/test-support/foreign-evidence';
import { formatEntry, type JsonObject, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { entryLine } from './entry-line.ts';

const loggedAt = Date.parse('2026-04-03T17:00:00.000Z');
const line = { index: 7, loggedAt: '2026-04-03T17:00:00.000Z' };
const read = (content: JsonObject, kind: 'approval' | 'consumption' | 'trust-root' = 'approval') =>
  entryLine(7, formatEntry({ kind, loggedAt, content }));

describe('entryLine', () => {
  const approval = createApproval({ origin: 'log.test', authenticator: createAuthenticator() });
  const key = createServiceKey();

  it('reads what an entry says, whatever its sort', () => {
    expect(read(approval.envelope)).toEqual({
      ...line,
      decision: 'approved',
      action: 'payment.refund',
      name: `approvals.example.com/${approval.statement.id}`,
    });
    expect(read(createConsumption({ approval, key }).envelope, 'consumption')).toEqual({
      ...line,
      what: 'an approval was used',
      name: 'payments-gw-3',
    });
    expect(read(createTrustVersion({ rootKeys: [key] }).envelope, 'trust-root')).toEqual({
      ...line,
      what: 'list of approvers, version 1',
      name: 'acme.example',
    });
    expect(read(agentmintToken())).toEqual({
      ...line,
      what: 'record of another system',
      system: 'AgentMint',
      payloadType: 'application/vnd.agentmint.token+json',
    });
  });

  it('marks a decision as the service’s word where no passkey signed, and there alone', () => {
    const attested = [
      { approver: 'a@example.com', role: 'finance', method: 'totp', at: '2026-04-03T16:59:00.000Z' },
    ] as const;
    const authenticator = createAuthenticator();
    const make = (options: object, overrides = {}) =>
      read(createApproval({ origin: 'log.test', now: loggedAt, ...options, overrides }).envelope).servicesWord;
    expect(make({ serviceKey: key }, { attested })).toBe(true);
    expect(make({ serviceKey: key, authenticator }, { attested })).toBeUndefined();
    // A key without a passkey may be a person's.
    expect(make({ serviceKey: key })).toBeUndefined();
    expect(make({ authenticator })).toBeUndefined();
  });

  it('says less where it can read less', () => {
    const unreadable = 'a record of a newer kind';
    expect(entryLine(0, utf8Encode('{"type":"assent/entry/v2"}'))).toEqual({ index: 0, what: unreadable });
    expect(read({})).toEqual({ ...line, what: unreadable });
    expect(read({ ...approval.envelope, payloadType: 'application/vnd.assent.approval.v2+json' })).toEqual({
      ...line,
      what: unreadable,
    });
    const sealed = `{"kind":"approval","logged_at":${loggedAt},"sealed":"sha256:${'0'.repeat(64)}","type":"assent/entry/v1"}`;
    expect(entryLine(7, utf8Encode(sealed))).toEqual({ ...line, what: 'sealed record' });
    expect(entryLine(1, 'withheld')).toEqual({ index: 1, what: 'withheld after a legal order' });
    expect(entryLine(1, 'damaged').what).toContain('damaged');
  });
});
