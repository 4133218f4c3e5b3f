/** A log over HTTP, for approval services and execution boundaries. Every export by name. */
export { AlreadyConsumed, AnswerRefused, LogRefused, LogUnreachable, type RefusedCheck } from './errors.ts';
export {
  type Appended,
  type AppendOptions,
  type BatchOutcome,
  type CallOptions,
  type EntryName,
  keysOnFirstUse,
  LogClient,
  type LogClientOptions,
} from './log-client.ts';
export type { RetryOptions } from './retry.ts';
export type { OpenSubmission, RevealedSubmission, SealedSubmission, Submission } from './submission.ts';
export type { Fetch } from './transport.ts';
export type { Trust, VerifiedReceipt } from './trust.ts';
