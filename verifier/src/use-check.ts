/** Whether the approval was not used before: the check `use` (formats.md §9 and §11). */
import type { AuthorizationInput } from './authorization.ts';
import type { Primitives } from './primitives.ts';
import { type Check, skipped } from './report.ts';
import type { TrustJudgement } from './trust-check.ts';

/** Never rejects for bad evidence. */
export async function checkUse(
  input: AuthorizationInput,
  _judged: TrustJudgement,
  _primitives: Primitives,
): Promise<Check> {
  const carried = input.receipt.consumption ? ' The receipt brings one along, which was not judged.' : '';
  return skipped('use', 'no_boundary', `A boundary's consumption of this approval is needed.${carried}`);
}
