import type { FailureCode } from './failure-codes.ts';

/** Bad evidence is a value, not an exception: what went wrong out of a closed list, and a sentence for a developer. */
export type Failure = { readonly ok: false; readonly code: FailureCode; readonly detail: string };

export type Result<T> = { readonly ok: true; readonly value: T } | Failure;

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** `detail` never carries a secret or a whole payload: it is shown and logged. */
export function fail(code: FailureCode, detail: string): Failure {
  return { ok: false, code, detail };
}
