import type { CountedApprovalFacts, SignerFacts } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { isReportedWord, isServicesWord } from './services-word.ts';

const attested = [
  { approver: 'a@example.com', role: 'finance', method: 'totp', at: '2026-04-03T16:59:00.000Z' },
] as const;
const signer = (kind: SignerFacts['kind'], listed?: SignerFacts['listed']): SignerFacts => ({
  keyid: `sha256:${'0'.repeat(64)}`,
  kind,
  algorithm: 'ed25519',
  ...(listed && { listed }),
});
const counted = (method: CountedApprovalFacts['method']): CountedApprovalFacts => ({
  holder: 'a@example.com',
  roles: ['finance'],
  method,
});
const service = { as: 'service', name: 'approvals.example.com' } as const;

describe('isServicesWord', () => {
  it('is so of people without a passkey, and of nothing else', () => {
    expect(isServicesWord({ attested }, false)).toBe(true);
    expect(isServicesWord({ attested }, true)).toBe(false);
    // A key may be a person's.
    expect(isServicesWord({}, false)).toBe(false);
  });
});

describe('isReportedWord', () => {
  it('is the same rule without a list of approvers, and for what no signature was verified of', () => {
    expect(isReportedWord({ attested, signers: [signer('key')] })).toBe(true);
    expect(isReportedWord({ attested, signers: [signer('key'), signer('passkey')] })).toBe(false);
    expect(isReportedWord({ signers: [signer('key')] })).toBe(false);
    expect(isReportedWord({ attested })).toBe(true);
    expect(isReportedWord({})).toBe(false);
  });

  it('follows what the list counts, where it counts anybody', () => {
    const key = { attested, signers: [signer('key')] };
    expect(isReportedWord({ ...key, approvals: [counted('attested:passkey')] })).toBe(true);
    expect(isReportedWord({ ...key, approvals: [counted('attested:totp'), counted('key')] })).toBe(false);
    // A passkey that the list does not have counts for nobody.
    const stranger = { attested, signers: [signer('key', service), signer('passkey')] };
    expect(isReportedWord({ ...stranger, approvals: [counted('attested:totp')] })).toBe(true);
  });

  it('is so of what a listed service alone signed, of whomever it speaks', () => {
    expect(isReportedWord({ signers: [signer('key', service)], approvals: [] })).toBe(true);
    expect(isReportedWord({ signers: [signer('key', service), signer('key')] })).toBe(false);
  });
});
