import type { SignatureAlgorithm } from '@assent/verifier';

/** What programs call by names of their own, as people read it: on every page. */
export const DECISIONS = { approved: 'approved', rejected: 'rejected', expired: 'left to expire' } as const;

/** Said of what was left to expire before its time was up. */
export const CLOSED_EARLY = 'closed without an answer';

/** Where no person signed it. */
export const DECISION_SAID = 'Decision, as the service says';

/** What people did of whom the service says so. Of what was left to expire some may have answered, and too few. */
export const ATTESTED = {
  approved: 'Approved, as the service says',
  rejected: 'Rejected, as the service says',
  expired: 'Answered, as the service says',
} as const;

/** Of such a person, after the name: `as finance, with a one-time code,` and the time. */
export const ATTESTATION = {
  as: ' as ',
  with: ', with ',
  methods: {
    totp: 'a one-time code',
    face_id: 'face recognition',
    passkey: 'a passkey',
    hardware_key: 'a security key',
    sso: 'a single sign-on',
  },
  at: ', ',
} as const;

/** `whose key this is`, `whose keys these are`. */
export function whoseKeys(keys: number): string {
  return `whose ${keys === 1 ? 'key this is' : 'keys these are'}`;
}

export const ALGORITHMS: Readonly<Record<SignatureAlgorithm, string>> = {
  es256: 'ES256',
  ed25519: 'Ed25519',
  rs256: 'RS256',
  'ml-dsa-44': 'ML-DSA-44',
};
