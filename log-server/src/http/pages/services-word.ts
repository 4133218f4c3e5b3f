/** Whose word a decision is: the rule of the entry's page, of the lists and of /verify. */
import type { Statement, VerifiedApprovalFacts } from '@assent/verifier';

/** Whether nobody whose passkey signed decided, but people of whom the service says so. */
export function isServicesWord({ attested = [] }: Pick<Statement, 'attested'>, byPasskey: boolean): boolean {
  return attested.length > 0 && !byPasskey;
}

/**
 * The same of a report, where a list of approvers may know better: it tells a person's key from a service's, and a passkey of
 * nobody from one that counts.
 */
export function isReportedWord({
  attested = [],
  signers = [],
  approvals = [],
}: Pick<VerifiedApprovalFacts, 'attested'> & Partial<Pick<VerifiedApprovalFacts, 'signers' | 'approvals'>>): boolean {
  if (approvals.length > 0) return approvals.every(isAttested);
  return (
    (signers.length > 0 && signers.every(({ listed }) => listed?.as === 'service')) ||
    isServicesWord(
      { attested },
      signers.some(({ kind }) => kind === 'passkey'),
    )
  );
}

/** Counted by what a listed service says, and not by a signature. */
export function isAttested({ method }: NonNullable<VerifiedApprovalFacts['approvals']>[number]): boolean {
  return method.startsWith('attested:');
}
