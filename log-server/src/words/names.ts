import type { SignatureAlgorithm } from '@assent/verifier';

/** What programs call by names of their own, as people read it: on every page. */
export const DECISIONS = { approved: 'approved', rejected: 'rejected', expired: 'left to expire' } as const;

export const ALGORITHMS: Readonly<Record<SignatureAlgorithm, string>> = {
  es256: 'ES256',
  ed25519: 'Ed25519',
  rs256: 'RS256',
  'ml-dsa-44': 'ML-DSA-44',
};
