import type { Check } from '@assent/verifier';
import type { Closure } from './log-timeline.ts';

/**
 * Every reason for which the log refuses a request: the closed list of problem codes (RFC 9457), each with its HTTP
 * status and title. Domain code throws a {@link Problem}; `http/` is the one place that turns it into a response.
 */
export const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request cannot be understood' },
  invalid_json: { status: 400, title: 'The body is not strict JSON' },
  invalid_parameter: { status: 400, title: 'A parameter of the request is malformed' },
  unauthenticated: { status: 401, title: 'An API key is needed' },
  forbidden: { status: 403, title: 'This API key has no right to do that' },
  not_found: { status: 404, title: 'There is no such thing here' },
  method_not_allowed: { status: 405, title: 'This method is not available here' },
  not_acceptable: { status: 406, title: 'There is no form of this that the request accepts' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  identity_conflict: { status: 409, title: 'Another entry has this identity' },
  already_consumed: { status: 409, title: 'This approval is consumed already' },
  closed: { status: 410, title: 'This log is closed' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  content_refused: { status: 422, title: 'The evidence does not hold' },
  payload_type_refused: { status: 422, title: 'This log does not accept that payload type' },
  approval_unknown: { status: 422, title: 'The log knows no such approval' },
  not_consumable: { status: 422, title: 'This approval cannot be consumed' },
  consumption_mismatch: { status: 422, title: 'The approval is for another action or boundary' },
  approval_expired: { status: 422, title: 'This approval has expired' },
  trust_root_refused: { status: 422, title: 'This version of the trust root follows nothing that is here' },
  trust_root_time: { status: 422, title: 'This version of the trust root was not issued about now' },
  entry_too_large: { status: 422, title: 'The entry would be larger than 65,535 bytes' },
  rate_limited: { status: 429, title: 'Too many requests' },
  head_too_large: { status: 431, title: 'The head of the request is too large' },
  withheld: { status: 451, title: 'This entry is withheld for legal reasons' },
  overloaded: { status: 503, title: 'The log has more to do than it can take' },
  not_durable: { status: 503, title: 'The log cannot store durably now' },
  unavailable: { status: 503, title: 'The log cannot reach its database' },
  no_space: { status: 503, title: 'The log has too little disk space to store more' },
  read_only: { status: 503, title: 'The log is read-only' },
  clock: { status: 503, title: "The log's clock cannot be trusted now" },
  shutting_down: { status: 503, title: 'The log is shutting down' },
  stored_data_damaged: { status: 500, title: 'Stored data does not match its hash' },
  internal: { status: 500, title: 'The log failed to answer' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

export type ProblemExtras = {
  /** The failed checks, where the evidence was refused. */
  readonly checks?: readonly Check[];
  /** The index of the entry that stands in the way. */
  readonly index?: number;
  /** The receipt of that entry, as JSON. */
  readonly receipt?: string;
  /** Where a closed log goes on. */
  readonly successor?: string;
  /** After how many seconds a retry makes sense. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
};

/** A request that the log refuses. `message` says what was wrong and what to do, and is shown to the caller. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, message: string, extras: ProblemExtras = {}) {
    super(message, { cause: extras.cause });
    this.name = 'Problem';
    this.code = code;
    this.extras = extras;
  }
}

/** For those who go on with a refusal as a result. Throws everything else. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

/** What an append to a log gets that has ended. */
export function closedProblem({ at, successor }: Closure): Problem {
  const where = successor === undefined ? 'It has no successor.' : `It goes on as ${successor}.`;
  return new Problem(
    'closed',
    `This log was closed on ${new Date(at).toISOString()} and takes no entries; what it holds can be read for ever. ${where}`,
    successor === undefined ? {} : { successor },
  );
}
