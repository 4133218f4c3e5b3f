/** Whether the signers may approve, and whether a key was revoked: the checks `trust` and `revocation` (formats.md §7 and §11). */
import type { AttestedMethod } from './approval.ts';
import type { AuthorizationInput } from './authorization.ts';
import type { Primitives } from './primitives.ts';
import { type Check, skipped } from './report.ts';
import type { TrustChain } from './trust-root.ts';

export type ApprovalMethod = 'passkey' | 'key' | `attested:${AttestedMethod}`;

/** What counts towards a policy: one signature by a listed approver, or one attestation by a listed service. */
export type CountedApproval = {
  readonly holder: string;
  /** Those that held when it was logged, and when witnesses saw it. */
  readonly roles: readonly string[];
  readonly method: ApprovalMethod;
  /** Passkeys only. */
  readonly userVerified?: boolean;
};

export type TrustJudgement = {
  readonly trust: Check;
  readonly revocation: Check;
  /** The versions that the verifier has, once their chain is verified up to the pinned root id. */
  readonly chain?: TrustChain;
  /** Only when `trust` and `revocation` passed. */
  readonly approvals?: readonly CountedApproval[];
};

/** Never rejects for bad evidence. */
export async function judgeTrust(input: AuthorizationInput, _primitives: Primitives): Promise<TrustJudgement> {
  const carried = input.receipt.trust ? ' The receipt brings one along, which confers nothing by itself.' : '';
  return {
    trust: skipped('trust', 'no_trust_root', `A trust root that says whose keys these are is needed.${carried}`),
    revocation: skipped(
      'revocation',
      'no_trust_root',
      `A trust root that says which keys were revoked is needed.${carried}`,
    ),
  };
}
