/** Whether the approval policy is satisfied: the check `policy` (formats.md §8 and §11). */
import type { AuthorizationInput } from './authorization.ts';
import { type Check, skipped } from './report.ts';
import type { Sha256 } from './sha256.ts';
import type { TrustJudgement } from './trust-check.ts';

/** Never throws for bad evidence. */
export function checkPolicy(input: AuthorizationInput, _judged: TrustJudgement, _hash: Sha256): Check {
  const carried = input.receipt.policy
    ? " The receipt brings the policy's text along, which confers nothing by itself."
    : '';
  return skipped('policy', 'no_policy', `An approval policy that says who has to approve this is needed.${carried}`);
}
