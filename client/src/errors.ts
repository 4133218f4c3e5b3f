import type { Report } from '@assent/verifier';
import type { VerifiedReceipt } from './trust.ts';

/** One check that did not pass, as the log names it. */
export type RefusedCheck = { readonly id: string; readonly code: string; readonly detail: string };

/** The log answered with a problem (RFC 9457), and asking again as things are would not help. */
export class LogRefused extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** Out of the log's closed list, such as `identity_conflict`; `unknown` if whatever answered is no Assent log. */
  readonly code: string;
  /** The entry that stands in the way, with `identity_conflict`. */
  readonly index: number | undefined;
  /** With `content_refused`: what did not hold. */
  readonly checks: readonly RefusedCheck[];
  /** After how many ms the log wants to be asked again, if it said so. */
  readonly retryAfterMs: number | undefined;
  /** The receipt of that entry, with `already_consumed`. */
  readonly unverifiedReceipt: string | undefined;

  constructor(
    message: string,
    facts: Pick<LogRefused, 'status' | 'code' | 'index' | 'checks' | 'retryAfterMs' | 'unverifiedReceipt'>,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'LogRefused';
    this.status = facts.status;
    this.code = facts.code;
    this.index = facts.index;
    this.checks = facts.checks;
    this.retryAfterMs = facts.retryAfterMs;
    this.unverifiedReceipt = facts.unverifiedReceipt;
  }
}

/**
 * The approval was consumed before, by another boundary or another attempt, and `first` proves it. Don't run the action: it may
 * have run. `first.report.consumption` says whose attempt that was.
 */
export class AlreadyConsumed extends LogRefused {
  readonly first: VerifiedReceipt;

  constructor(refusal: LogRefused, first: VerifiedReceipt) {
    super(refusal.message, refusal, { cause: refusal });
    this.name = 'AlreadyConsumed';
    this.first = first;
  }
}

/**
 * No answer came in time. An append may have been stored all the same: send the same again, and it is stored once.
 */
export class LogUnreachable extends Error {
  readonly attempts: number;

  constructor(message: string, attempts: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LogUnreachable';
    this.attempts = attempts;
  }
}

/**
 * The log answered with something that must not be believed: a receipt that does not verify, or of another entry than the
 * one that was asked for. Don't run the action, and keep `unverifiedReceipt`: it may be evidence against the log.
 */
export class AnswerRefused extends Error {
  readonly unverifiedReceipt: string | undefined;
  /** What the verifier said of the receipt. */
  readonly report: Report | undefined;

  constructor(message: string, facts: { readonly unverifiedReceipt?: string; readonly report?: Report } = {}) {
    super(message);
    this.name = 'AnswerRefused';
    this.unverifiedReceipt = facts.unverifiedReceipt;
    this.report = facts.report;
  }
}
