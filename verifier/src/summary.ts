/** The one sentence of a report that everybody reads (formats.md §11). */
import {
  type ApprovalFacts,
  type Check,
  EVIDENCE_CHECK_IDS,
  type ForeignFacts,
  type Verdict,
  type VerifiedApprovalFacts,
} from './report.ts';

/** `foreign` in the place of `approval`, for evidence of another system. */
export function summarize(
  verdict: Verdict,
  checks: readonly Check[],
  approval: (ApprovalFacts & Partial<VerifiedApprovalFacts>) | undefined,
  foreign?: ForeignFacts,
): string {
  const isEvidence = ({ id }: Check) => EVIDENCE_CHECK_IDS.includes(id);
  const failure = checks.find(({ status }) => status === 'fail');
  switch (verdict) {
    case 'invalid':
      return `Not valid evidence: ${failure === undefined ? 'a check failed' : quote(failure)}.`;
    case 'incomplete': {
      const missing = checks.find((check) => check.status === 'skip' && isEvidence(check));
      const unmade = missing === undefined ? 'what was decided could not be read' : `${quote(missing)}`;
      return failure === undefined
        ? `Nothing was found wrong, but the evidence could not be checked in full: ${unmade}.`
        : `The evidence could not be checked in full (${unmade}), and ${quote(failure)}.`;
    }
    case 'refused': {
      if (foreign !== undefined) {
        return `The evidence holds, and it authorizes nothing: by ${foreign.format} this was rejected. ${limits(foreign)}`;
      }
      const decision = approval?.decision ?? 'not approved';
      if (decision !== 'approved')
        return `The evidence holds, and it authorizes nothing: ${subject(approval)} was ${said[decision]}.`;
      return `The evidence holds, but it must not be acted upon: ${failure === undefined ? 'a check failed' : quote(failure)}.`;
    }
    case 'authentic': {
      if (foreign !== undefined) {
        const said = foreign.decision === 'none' ? 'no decision' : `${foreign.decision} by ${foreign.format}`;
        return `The evidence holds: it is in the log as it was signed, ${said}. ${limits(foreign)}`;
      }
      if (approval === undefined)
        return 'The evidence holds: it is in the log as it was signed, and it is no approval.';
      const unmade = checks.filter(({ status }) => status === 'skip').map(({ id }) => id);
      return `The evidence holds: ${subject(approval)} was approved${reserve(approval)} and logged; not checked: ${unmade.join(', ')}.`;
    }
    case 'authorized':
      return `Every check passed: ${subject(approval)} was approved${reserve(approval)} and may run.`;
  }
}

const said = { rejected: 'rejected', expired: 'left to expire', 'not approved': 'not approved' } as const;

function limits({ format, cannot_prove }: ForeignFacts): string {
  return `${format} cannot prove ${cannot_prove.join('; nor ')}.`;
}

function subject(approval: ApprovalFacts | undefined): string {
  return approval === undefined ? 'the action' : `${approval.action} on ${approval.connector}`;
}

/** Where nobody signed but a service, which says that people approved. */
function reserve({ approvals = [], attested = [], signers = [] }: Partial<VerifiedApprovalFacts> = {}): string {
  const isWord =
    approvals.length > 0
      ? approvals.every(({ method }) => method.startsWith('attested:'))
      : attested.length > 0 && signers.every(({ kind }) => kind === 'key');
  return isWord ? ', as the service says,' : '';
}

function quote({ title, detail, status }: Check): string {
  const outcome = status === 'fail' ? 'failed' : 'was not made';
  return `the check "${title}" ${outcome} (${detail.replace(/\.$/, '')})`;
}
