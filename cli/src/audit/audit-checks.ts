/** The findings of an audit, by what was checked: for reports that also have to say what is in order. */
import type { FindingCode } from './findings.ts';

export const AUDIT_CHECKS = {
  head: { title: 'The log signed its head', codes: ['head_malformed', 'head_other_log', 'head_signature'] },
  history: { title: 'It signed one history', codes: ['fork', 'rollback'] },
  tree: {
    title: 'The entries are those of the signed tree',
    codes: ['root_mismatch', 'tile_malformed', 'tile_mismatch', 'bundle_malformed', 'entry_changed'],
  },
  entries: { title: 'Every entry is in its form', codes: ['entry_malformed'] },
  times: { title: 'Times only move forward', codes: ['time_backwards', 'time_ahead'] },
  content: { title: 'What was decided is intact', codes: ['content_invalid'] },
  signatures: { title: 'Every signature verifies', codes: ['signatures_invalid'] },
  once: { title: 'Nothing is there twice', codes: ['statement_twice', 'identity_twice', 'commitment_twice'] },
  consumptions: {
    title: 'Approvals were consumed once, and by right',
    codes: ['consumed_twice', 'approval_unknown', 'consumption_order', 'consumption_refused', 'consumption_late'],
  },
  trust_roots: {
    title: 'Versions of trust roots follow one another',
    codes: ['trust_root_broken', 'trust_root_forked', 'trust_root_time', 'trust_root_other'],
  },
  authority: { title: 'Approvals count by your trust root', codes: ['approval_refused'] },
} as const satisfies Record<string, { readonly title: string; readonly codes: readonly FindingCode[] }>;

export type AuditCheckId = keyof typeof AUDIT_CHECKS;

export type AuditCheck = {
  readonly id: AuditCheckId;
  readonly title: string;
  readonly status: 'pass' | 'fail' | 'skip';
  /** How many findings. */
  readonly findings: number;
};

/** @param isMade whether a check was made at all */
export function auditChecks(
  count: (code: FindingCode) => number,
  isMade: (id: AuditCheckId) => boolean,
): readonly AuditCheck[] {
  return (Object.keys(AUDIT_CHECKS) as AuditCheckId[]).map((id) => {
    const { title, codes } = AUDIT_CHECKS[id];
    const findings = codes.reduce((sum, code) => sum + count(code), 0);
    return { id, title, status: findings > 0 ? 'fail' : isMade(id) ? 'pass' : 'skip', findings };
  });
}
