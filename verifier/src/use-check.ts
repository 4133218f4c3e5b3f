/** Whether the approval was not used before: the check `use` (formats.md §9 and §11). */
import type { AuthorizationInput } from './authorization.ts';
import type { Primitives } from './primitives.ts';
import { type Check, failed, MANY_USES_TITLE, passed, skipped } from './report.ts';
import { fail } from './result.ts';
import type { TrustJudgement } from './trust-check.ts';
import { checkUseAtBoundary } from './use-at-boundary.ts';

/** Never rejects for bad evidence. */
export async function checkUse(
  input: AuthorizationInput,
  judged: TrustJudgement,
  primitives: Primitives,
): Promise<Check> {
  const { statement, receipt } = input;
  const { boundary } = input.pinned;
  // Nobody looked whether it was used before, so the title must not claim it.
  if (statement.use === 'multiple') return { ...passed('use', `${MANY_USES_TITLE}.`), title: MANY_USES_TITLE };
  if (boundary === undefined) {
    const carried = receipt.consumption ? ' The receipt brings a consumption along, which was not judged.' : '';
    return skipped(
      'use',
      'no_boundary',
      `The key of the boundary that is about to run it is needed, and its attempt.${carried}`,
    );
  }
  if (!statement.boundaries?.includes(boundary.keyid)) {
    const failure = fail('boundary_mismatch', 'the statement does not name this boundary');
    return failed('use', failure, { expected: statement.boundaries?.join(', ') ?? 'none', computed: boundary.keyid });
  }
  return checkUseAtBoundary(input, judged, boundary, primitives);
}
