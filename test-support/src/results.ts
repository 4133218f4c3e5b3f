import type { FailureCode, Result } from '@assent/verifier';

/** What a test takes for granted: the value, or the failure as an exception that says where it went wrong. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`expected a value, got ${result.code}: ${result.detail}`);
  return result.value;
}

/** What a test asserts about bad evidence: the code, or undefined when it was accepted. */
export function codeOf(result: Result<unknown>): FailureCode | undefined {
  return result.ok ? undefined : result.code;
}
