/** Whether an approval is worth consuming: what is used up cannot be given back. */
import { listedBoundary, type Report, type VerifiedApprovalFacts } from '@assent/verifier';
import { failedChecks } from '../check-receipt.ts';
import { CommandFailure } from '../failure.ts';
import type { PinnedAuthority } from '../pinned-authority.ts';

/**
 * Throws a CommandFailure unless nothing is wrong with the approval, this key may consume it, and, where `required` is `authorized`,
 * everything else that authorizes was checked and passed.
 *
 * @param report of the receipt, without a boundary.
 */
export function refuseUnlessConsumable(
  report: Report,
  keyid: string,
  required: 'authentic' | 'authorized',
): VerifiedApprovalFacts {
  const { verdict, approval, checks, summary } = report;
  const nothing = 'nothing was consumed';
  if (verdict === 'invalid' || verdict === 'refused') {
    throw new CommandFailure('evidence_refused', `${nothing}: ${summary}`, { checks: failedChecks(checks) });
  }
  if (verdict === 'incomplete' || approval === undefined) throw new CommandFailure('usage', `${nothing}: ${summary}`);
  if (approval.use === 'multiple') {
    throw new CommandFailure('usage', `${nothing}: it may be used more than once, so there is nothing to use up`);
  }
  if (!approval.boundaries?.includes(keyid)) {
    const check = {
      id: 'use',
      code: 'boundary_mismatch',
      detail: 'the statement does not name this boundary',
      expected: approval.boundaries?.join(', ') ?? 'none',
      computed: keyid,
    };
    throw new CommandFailure('evidence_refused', `${nothing}: this key may not consume it`, { checks: [check] });
  }
  const unmade = checks.filter(({ id, status }) => id !== 'use' && status === 'skip');
  if (required === 'authorized' && unmade.length > 0) {
    const lines = unmade.map(({ id, detail }) => `– ${id}: ${detail}`);
    const message = [
      `${nothing}, as not everything that authorizes could be checked (--require authentic does without):`,
      ...lines,
    ].join('\n');
    throw new CommandFailure('usage', message);
  }
  return approval;
}

/** The name of the boundary that has this key: as the trust root lists it now, or as the caller says where none is pinned. */
export function boundaryName(
  { trustRoot }: PinnedAuthority,
  keyid: string,
  named: string | undefined,
  now: number,
): string {
  if (trustRoot === undefined || !('chain' in trustRoot)) {
    if (named !== undefined) return named;
    throw new CommandFailure('usage', 'pass --boundary NAME, or --trust-root and --trust-versions, which name it');
  }
  const listed = listedBoundary(trustRoot.chain, keyid, { loggedAt: now });
  if (!listed.ok) {
    const { code, detail } = listed;
    const message = 'nothing was consumed: the trust root does not let this key consume anything now';
    throw new CommandFailure('evidence_refused', message, { checks: [{ id: 'use', code, detail }] });
  }
  const { name } = listed.value;
  if (named === undefined || named === name) return name;
  throw new CommandFailure('usage', `--boundary is ${named}, and the trust root lists this key as ${name}`);
}
