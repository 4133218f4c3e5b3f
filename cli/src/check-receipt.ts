/** What has to hold before a receipt that a log answered with is handed on. */
import { type Check, EVIDENCE_CHECK_IDS, type Report, verifyReceipt } from '@assent/verifier';
import { CommandFailure, type FailedCheck } from './failure.ts';
import type { Pinned } from './pinned.ts';
import { primitives } from './primitives.ts';
import { say } from './terminal/output.ts';

/** Throws a CommandFailure if any evidence check fails. What could not be checked, and what authorizes nothing, is said. */
export async function checkReceipt(unverifiedReceipt: Uint8Array, pinned: Pinned): Promise<Report> {
  const report = await verifyReceipt(unverifiedReceipt, { ...pinned, primitives });
  if (report.verdict === 'invalid') {
    const message = `the receipt that the log answered with does not hold, and was not printed. ${report.summary}`;
    throw new CommandFailure('receipt_refused', message, { checks: failedChecks(report.checks) });
  }
  if (report.verdict === 'incomplete' || report.verdict === 'refused') say(report.summary);
  return report;
}

export function failedChecks(checks: readonly Check[]): readonly FailedCheck[] {
  return checks.flatMap(({ id, status, code = 'unsupported', detail, expected, computed }) =>
    status === 'fail'
      ? [{ id, code, detail, ...(expected !== undefined && { expected }), ...(computed !== undefined && { computed }) }]
      : [],
  );
}

export function isEvidence({ id }: Check): boolean {
  return EVIDENCE_CHECK_IDS.includes(id);
}
