import { EXIT, type ExitCode } from './exit-codes.ts';

/** Why a command ends without doing what it was asked, each with its exit code: the closed list of `code` in `assent/error/v1`. */
export const FAILURES = {
  usage: EXIT.usage,
  file_unreadable: EXIT.usage,
  file_unwritable: EXIT.usage,
  file_exists: EXIT.usage,
  file_malformed: EXIT.usage,
  in_use: EXIT.usage,
  state_newer: EXIT.usage,
  clock_off: EXIT.usage,
  not_found: EXIT.usage,
  request_refused: EXIT.usage,
  quorum_not_reached: EXIT.usage,
  evidence_refused: EXIT.bad,
  conflict: EXIT.bad,
  receipt_refused: EXIT.bad,
  log_misbehaves: EXIT.bad,
  forked: EXIT.bad,
  rolled_back: EXIT.bad,
  unreachable: EXIT.network,
  connection_lost: EXIT.network,
  timeout: EXIT.network,
  redirect: EXIT.network,
  answer_too_large: EXIT.network,
  answer_malformed: EXIT.network,
  unavailable: EXIT.network,
  unauthenticated: EXIT.authentication,
  forbidden: EXIT.authentication,
  internal: EXIT.bug,
  interrupted: EXIT.interrupted,
} as const satisfies Record<string, ExitCode>;

export type FailureKind = keyof typeof FAILURES;

/** One check that failed, as a log or our own verification says it. */
export type FailedCheck = {
  readonly id: string;
  readonly code: string;
  readonly detail: string;
  readonly expected?: string;
  readonly computed?: string;
};

export type FailureExtras = {
  /** What the log answered (RFC 9457). */
  readonly problem?: { readonly status: number; readonly code?: string; readonly detail?: string };
  readonly checks?: readonly FailedCheck[];
  /** The entry that stands in the way. */
  readonly index?: number;
  readonly cause?: unknown;
};

/**
 * Ends a command. `message` is for the person at the terminal: what was wrong and what to do. It may quote what came from
 * outside, since whatever prints it escapes it.
 */
export class CommandFailure extends Error {
  readonly kind: FailureKind;
  readonly extras: FailureExtras;

  constructor(kind: FailureKind, message: string, extras: FailureExtras = {}) {
    super(message, { cause: extras.cause });
    this.name = 'CommandFailure';
    this.kind = kind;
    this.extras = extras;
  }
}
