import { parseJson } from '@assent/verifier';
import type { LogRefused } from './errors.ts';
import { isTransient } from './retry.ts';
import { formatSubmission, isJsonObject, type Submission } from './submission.ts';
import { type Answer, malformed, refusalOf } from './transport.ts';

/** What the log takes at once. */
const MAX_BATCH_ENTRIES = 1_000;
/** Well below the log's 16 MiB, so that a batch with its frame fits. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** A thousand receipts, of which each can be as long as an entry. */
export const MAX_BATCH_ANSWER_BYTES = 128 * 1024 * 1024;

export type BatchItem = { readonly submission: Submission; readonly json: string };

/** One result of a batch: a receipt to verify, a refusal that stands, or one that may pass. */
export type BatchResult =
  | { readonly created: boolean; readonly unverifiedReceipt: string }
  | { readonly refused: LogRefused; readonly transient: boolean };

/** Cuts what is to be sent into bodies that the log takes, in order. Throws as `formatSubmission` does. */
export function splitSubmissions(submissions: readonly Submission[]): BatchItem[][] {
  const batches: BatchItem[][] = [];
  let bytes = 0;
  for (const submission of submissions) {
    const json = formatSubmission(submission);
    // JSON of ours has up to three bytes a character.
    const most = json.length * 3;
    const last = batches.at(-1);
    if (last === undefined || last.length === MAX_BATCH_ENTRIES || bytes + most > MAX_BATCH_BYTES) {
      batches.push([{ submission, json }]);
      bytes = most;
    } else {
      last.push({ submission, json });
      bytes += most;
    }
  }
  return batches;
}

/** The body of `POST /api/v1/entries/batch`. */
export function formatBatch(items: readonly BatchItem[]): string {
  return `{"entries":[${items.map(({ json }) => json).join(',')}]}`;
}

/** Reads the log's answer to `count` entries. Throws LogRefused if it is not one result for each. */
export function readBatchAnswer({ status, text, headers }: Answer, count: number): BatchResult[] {
  const json = parseJson(text, { maxBytes: MAX_BATCH_ANSWER_BYTES });
  const results = json.ok && isJsonObject(json.value) ? json.value.results : undefined;
  if (!Array.isArray(results) || results.length !== count) {
    throw malformed(status, `the answer is not ${count} results`);
  }
  return results.map((result): BatchResult => {
    if (!isJsonObject(result) || typeof result.status !== 'number') throw malformed(status, 'a result has no status');
    if (result.receipt !== undefined && (result.status === 200 || result.status === 201)) {
      return { created: result.status === 201, unverifiedReceipt: JSON.stringify(result.receipt) };
    }
    const problem = JSON.stringify(result.problem ?? null);
    return {
      refused: refusalOf({ status: result.status, text: problem, headers }),
      transient: isTransient(result.status),
    };
  });
}
