import type { Result } from '@assent/verifier';
import { CommandFailure, type FailedCheck } from '../failure.ts';

/** Ends a command because of what a trust root is, or would be. @param check as a verifier would say it. */
export function trustRefusal(message: string, check: Omit<FailedCheck, 'id'>): CommandFailure {
  return new CommandFailure('evidence_refused', message, { checks: [{ id: 'trust', ...check }] });
}

/** The value, where verifiers would go on. */
export function acceptable<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { code, detail } = result;
  throw trustRefusal('no verifier would take such a version of the trust root', { code, detail });
}
