import type { SignatureAlgorithm } from '@assent/verifier';

/** What programs call by names of their own, as people read it: on every page. */
export const DECISIONS = { approved: 'approved', rejected: 'rejected', expired: 'left to expire' } as const;

/** Where no person signed it. */
export const DECISION_SAID = 'Decision, as the service says';

/** What people did of whom the service says so. Of what was left to expire some may have answered, and too few. */
export const ATTESTED = {
  approved: 'Approved, as the service says',
  rejected: 'Rejected, as the service says',
  expired: 'Answered, as the service says',
} as const;

export const ALGORITHMS: Readonly<Record<SignatureAlgorithm, string>> = {
  es256: 'ES256',
  ed25519: 'Ed25519',
  rs256: 'RS256',
  'ml-dsa-44': 'ML-DSA-44',
};
