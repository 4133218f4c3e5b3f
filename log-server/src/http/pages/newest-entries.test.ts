import { createApproval, createAuthenticator } from '@assent/test-support';
import { formatEntry, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { entryLine } from './newest-entries.ts';

const loggedAt = Date.parse('2026-04-03T17:00:00.000Z');

describe('entryLine', () => {
  it('reads what an approval says', () => {
    const approval = createApproval({ origin: 'log.test', authenticator: createAuthenticator() });
    expect(entryLine(7, formatEntry({ kind: 'approval', loggedAt, content: approval.envelope }))).toEqual({
      index: 7,
      loggedAt: '2026-04-03T17:00:00.000Z',
      kind: 'approval',
      decision: 'approved',
      action: 'payment.refund',
      name: `approvals.example.com/${approval.statement.id}`,
    });
  });

  it('says less where it can read less', () => {
    expect(entryLine(0, utf8Encode('{"type":"assent/entry/v2"}'))).toEqual({ index: 0, kind: 'unreadable' });
    const line = { index: 1, loggedAt: '2026-04-03T17:00:00.000Z' };
    expect(entryLine(1, formatEntry({ kind: 'approval', loggedAt, content: {} }))).toEqual({
      ...line,
      kind: 'approval',
    });
    const sealed = `{"kind":"approval","logged_at":${loggedAt},"sealed":"sha256:${'0'.repeat(64)}","type":"assent/entry/v1"}`;
    expect(entryLine(1, utf8Encode(sealed))).toEqual({ ...line, kind: 'sealed approval' });
  });
});
