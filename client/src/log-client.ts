import { type JsonObject, MAX_RECEIPT_BYTES, parseDecimal, parseJson, parseVkey } from '@assent/verifier';
import {
  type BatchItem,
  type BatchResult,
  formatBatch,
  MAX_BATCH_ANSWER_BYTES,
  readBatchAnswer,
  splitSubmissions,
} from './batch.ts';
import { asRefusal, holdingConsumption, readConsumption } from './consumption.ts';
import { AnswerRefused, LogRefused, LogUnreachable } from './errors.ts';
import { DEFAULT_TIMEOUT_MS, parseRetryAfter, pause, pauseAfter, type RetryOptions } from './retry.ts';
import { formatSubmission, holdsSubmission, isJsonObject, type Submission } from './submission.ts';
import { type Answer, type Fetch, malformed, Transport } from './transport.ts';
import { type Expectation, type Trust, type VerifiedReceipt, verified } from './trust.ts';

const RECEIPT_MEDIA_TYPE = 'application/vnd.assent.receipt+json';
/** What a log says about itself is a few kilobytes. */
const MAX_ABOUT_BYTES = 256 * 1024;
/** The log itself waits 10 s for its witnesses before it says "ask again". */
const WITNESS_TIMEOUT_MS = 60_000;
const WITNESS_PAUSE_MS = 1_000;
const LONGEST_WITNESS_PAUSE_MS = 10_000;

export type LogClientOptions = RetryOptions & {
  /** The log's address: `https://log.example.com`. */
  readonly url: string;
  readonly trust: Trust;
  /** Needed to append. Sent over https, or to this machine, and nowhere else. */
  readonly apiKey?: string;
  /** Instead of the global `fetch`. */
  readonly fetch?: Fetch;
};

export type CallOptions = { readonly signal?: AbortSignal };

export type AppendOptions = CallOptions & {
  /**
   * `signed` (default): until the log has signed a tree head over the entry. `witnessed`: until the quorum of the pinned
   * policy has cosigned it too.
   */
  readonly wait?: 'signed' | 'witnessed';
  /** How long to wait for witnesses, in ms. Default 60,000. */
  readonly witnessTimeoutMs?: number;
};

export type Appended = VerifiedReceipt & {
  /** False if the same was there already. */
  readonly created: boolean;
};

type Failure = LogRefused | LogUnreachable | AnswerRefused;

/**
 * What became of one of many: it is there, or the log refused it, or nobody knows, because the request that held it failed
 * (or one before it), or because the answer must not be believed. What failed can be sent again: it is stored once.
 */
export type BatchOutcome =
  | { readonly appended: Appended }
  | { readonly refused: LogRefused }
  | { readonly failed: Failure };

/** How to name an entry: its index, `sha256:<hex>` of its leaf or of its statement, or the service and its id. */
export type EntryName = number | `sha256:${string}` | { readonly service: string; readonly id: string };

/** Pins the keys that a log shows, for trials, and for whoever has no better way to learn them. Store what it returns. */
export async function keysOnFirstUse(
  url: string,
  options: CallOptions & { readonly fetch?: Fetch } = {},
): Promise<readonly string[]> {
  const { fetch, ...call } = options;
  const transport = new Transport({ url, ...(fetch && { fetch }) });
  const about = objectOf(
    await transport.send({ path: 'api/v1/log', accept: 'application/json', maxBytes: MAX_ABOUT_BYTES, ...call }),
  );
  const { vkeys } = about;
  const isKey = (vkey: unknown): vkey is string => typeof vkey === 'string' && parseVkey(vkey).ok;
  if (Array.isArray(vkeys) && vkeys.length > 0 && vkeys.every(isKey)) return vkeys;
  throw malformed(200, 'the answer names no keys');
}

/**
 * A log, for approval services and execution boundaries. Requests are sent again while that can help, for as long as the
 * options say; an append is stored once however often it is sent. Every receipt is verified against what the caller pinned
 * before it is returned.
 *
 *     const log = new LogClient({ url: 'https://log.example.com', apiKey, trust: { logPolicy } });
 *     const { index, receipt } = await log.append({ visibility: 'open', content: envelope }, { wait: 'witnessed' });
 *
 * Methods throw LogRefused (the log said no), LogUnreachable (no answer in time), AnswerRefused (an answer that must not be
 * believed), and the signal's reason when they are aborted.
 */
export class LogClient {
  readonly #transport: Transport;
  readonly #trust: Trust;
  readonly #timeoutMs: number | undefined;

  /** Throws TypeError on a bad address. */
  constructor(options: LogClientOptions) {
    this.#transport = new Transport(options);
    this.#trust = options.trust;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Appends, or finds that the same is there, and returns the verified receipt. A sealed entry's receipt comes opened. */
  async append(submission: Submission, options: AppendOptions = {}): Promise<Appended> {
    const { signal } = options;
    const answer = await this.#transport.send({
      path: 'api/v1/entries?wait=signed',
      json: formatSubmission(submission),
      accept: RECEIPT_MEDIA_TYPE,
      maxBytes: MAX_RECEIPT_BYTES,
      ...(signal && { signal }),
    });
    return this.#accept(submission, answer.text, answer.status === 201, options);
  }

  /**
   * Consumes an approval: `envelope` holds the consumption, signed by the boundary. Resolves with its verified receipt, which goes
   * into the approval's receipt with the verifier's `attachConsumption`. The same envelope may be sent again, however much later. Throws
   * AlreadyConsumed if another one was first, and TypeError on an envelope that holds no consumption.
   *
   * Write the attempt down durably before you call this, or after a crash nobody can tell whose consumption is in the log.
   */
  async consume(envelope: JsonObject, options: AppendOptions = {}): Promise<Appended> {
    const { approval } = readConsumption(envelope);
    const { signal } = options;
    const answer = await this.#transport
      .send({
        path: 'api/v1/consumptions?wait=signed',
        json: JSON.stringify({ content: envelope }),
        accept: RECEIPT_MEDIA_TYPE,
        maxBytes: MAX_RECEIPT_BYTES,
        ...(signal && { signal }),
      })
      .catch(async (error: unknown) => {
        throw await asRefusal(error, approval, this.#trust);
      });
    return this.#verify(answer.text, answer.status === 201, holdingConsumption(envelope), options);
  }

  /** Verifies the receipt of what was sent, and waits for witnesses if it is to. */
  async #accept(
    submission: Submission,
    unverifiedReceipt: string,
    created: boolean,
    options: AppendOptions,
  ): Promise<Appended> {
    const expectation: Expectation = {
      holds: (entry) => holdsSubmission(entry, submission),
      ...(submission.visibility === 'sealed' && {
        disclosures: { content: submission.content, salt: submission.salt },
      }),
    };
    return this.#verify(unverifiedReceipt, created, expectation, options);
  }

  async #verify(
    unverifiedReceipt: string,
    created: boolean,
    expectation: Expectation,
    options: AppendOptions,
  ): Promise<Appended> {
    const first = await verified(unverifiedReceipt, this.#trust, expectation);
    const receipt = options.wait === 'witnessed' ? await this.#witnessed(first, expectation, options) : first;
    return { ...receipt, created };
  }

  /**
   * Appends many, as {@link append} does each, and resolves with one outcome for each, in order: a refusal of one does not stop
   * the others. What the log has no room for now is sent again for as long as the options say. A request that fails ends the
   * sending: outcomes that are known by then are not lost, and the rest have `failed`. Rejects with the signal's reason alone.
   */
  async appendAll(submissions: readonly Submission[], options: AppendOptions = {}): Promise<readonly BatchOutcome[]> {
    const outcomes: BatchOutcome[] = [];
    let ended: Failure | undefined;
    for (const batch of splitSubmissions(submissions)) {
      if (ended === undefined) ended = await this.#appendBatch(batch, options, outcomes);
      else for (const _ of batch) outcomes.push({ failed: ended });
    }
    return outcomes;
  }

  /** Adds one outcome for each item, and returns what ended the sending, if anything did. */
  async #appendBatch(
    items: readonly BatchItem[],
    options: AppendOptions,
    all: BatchOutcome[],
  ): Promise<Failure | undefined> {
    const { signal } = options;
    const outcomes = new Map<BatchItem, BatchOutcome>();
    const until = performance.now() + (this.#timeoutMs ?? DEFAULT_TIMEOUT_MS);
    let left = items;
    let ended: Failure | undefined;
    for (let attempt = 1; left.length > 0; attempt++) {
      const sent = await this.#sendBatch(left, until, signal).catch((error: unknown) => asFailure(error, signal));
      if (sent instanceof Error) {
        // Those that are left were refused for a while at most; the attempt that failed may have stored them.
        for (const item of left) outcomes.set(item, { failed: sent });
        ended = sent;
        break;
      }
      const again: BatchItem[] = [];
      for (const [i, item] of left.entries()) {
        const result = sent.results[i]!;
        outcomes.set(item, await this.#outcome(item, result, options));
        if ('refused' in result && result.transient) again.push(item);
      }
      const wait = pauseAfter(attempt, sent.retryAfterMs);
      if (again.length === 0 || performance.now() + wait >= until) break;
      await pause(wait, signal);
      left = again;
    }
    all.push(...items.map((item) => outcomes.get(item)!));
    return ended;
  }

  async #sendBatch(items: readonly BatchItem[], until: number, signal: AbortSignal | undefined) {
    const answer = await this.#transport.send({
      path: 'api/v1/entries/batch?wait=signed',
      json: formatBatch(items),
      accept: 'application/json',
      maxBytes: MAX_BATCH_ANSWER_BYTES,
      timeoutMs: Math.max(1, until - performance.now()),
      ...(signal && { signal }),
    });
    const retryAfterMs = parseRetryAfter(answer.headers.get('retry-after'));
    return { results: readBatchAnswer(answer, items.length), retryAfterMs };
  }

  async #outcome({ submission }: BatchItem, result: BatchResult, options: AppendOptions): Promise<BatchOutcome> {
    if ('refused' in result) return { refused: result.refused };
    try {
      return { appended: await this.#accept(submission, result.unverifiedReceipt, result.created, options) };
    } catch (error) {
      return { failed: asFailure(error, options.signal) };
    }
  }

  /** The verified receipt of an entry. A sealed one proves the entry's place in the log, and nothing of what it holds. */
  async receipt(name: EntryName, options: CallOptions = {}): Promise<VerifiedReceipt> {
    return this.#receipt(name, { holds: () => true, closedAllowed: true }, options.signal);
  }

  /**
   * The same entry's receipt as soon as the quorum of the pinned policy has cosigned a tree head over it.
   * Throws LogUnreachable if that takes longer than `witnessTimeoutMs`.
   */
  async witnessed(name: EntryName, options: Omit<AppendOptions, 'wait'> = {}): Promise<VerifiedReceipt> {
    const first = await this.receipt(name, options);
    return this.#witnessed(first, { closedAllowed: true }, options);
  }

  async #witnessed(
    first: VerifiedReceipt,
    expectation: Expectation,
    { signal, witnessTimeoutMs = WITNESS_TIMEOUT_MS }: AppendOptions,
  ): Promise<VerifiedReceipt> {
    const until = performance.now() + witnessTimeoutMs;
    let latest = first;
    for (let attempt = 1; !latest.witnessed; attempt++) {
      const wait = Math.min(LONGEST_WITNESS_PAUSE_MS, WITNESS_PAUSE_MS * attempt);
      if (performance.now() + wait > until) {
        const message = `entry ${first.index} is logged, but too few witnesses have cosigned it after ${witnessTimeoutMs} ms: ask for its receipt later`;
        throw new LogUnreachable(message, attempt);
      }
      await pause(wait, signal);
      latest = await this.#receipt(first.index, expectation, signal);
    }
    return latest;
  }

  async #receipt(name: EntryName, expectation: Expectation, signal: AbortSignal | undefined): Promise<VerifiedReceipt> {
    const path = receiptPath(pathOf(name));
    const answer = await this.#transport.send({
      path,
      accept: RECEIPT_MEDIA_TYPE,
      maxBytes: MAX_RECEIPT_BYTES,
      ...(signal && { signal }),
    });
    const receipt = await verified(answer.text, this.#trust, expectation);
    if (!isReceiptOf(receipt, name)) {
      const { report } = receipt;
      throw new AnswerRefused(`the log answered with the receipt of another entry than ${pathOf(name)}`, {
        unverifiedReceipt: answer.text,
        report,
      });
    }
    return receipt;
  }
}

/** What a request can fail with; everything else is thrown on: the signal's reason, and defects. */
function asFailure(error: unknown, signal: AbortSignal | undefined): Failure {
  signal?.throwIfAborted();
  if (error instanceof LogRefused || error instanceof LogUnreachable || error instanceof AnswerRefused) return error;
  throw error;
}

function pathOf(name: EntryName): string {
  if (typeof name === 'number') {
    if (!parseDecimal(String(name)).ok) throw new RangeError('name: an index is a whole number from 0 to 2^53 - 1');
    return String(name);
  }
  if (typeof name === 'string') return encodeURIComponent(name);
  return `${encodeURIComponent(name.service)}/${encodeURIComponent(name.id)}`;
}

/** A service or an id that is `.` or `..` is legal, and would be resolved away as a part of a path. @param name from {@link pathOf} */
function receiptPath(name: string): string {
  const isResolved = name.split('/').some((part) => part === '.' || part === '..');
  return isResolved ? `api/v1/receipts?name=${name}` : `api/v1/receipts/${name}`;
}

/** A receipt can verify and be another one's: then the log, or whoever sits between, swapped it. */
function isReceiptOf({ index, report }: VerifiedReceipt, name: EntryName): boolean {
  if (typeof name === 'number') return index === name;
  const { log, approval } = report;
  if (typeof name === 'string') return log?.leaf_hash === name || approval?.statement_digest === name;
  return approval?.service === name.service && approval.id === name.id;
}

function objectOf({ status, text }: Answer): JsonObject {
  const json = parseJson(text);
  if (json.ok && isJsonObject(json.value)) return json.value;
  throw malformed(status, 'the answer is not a JSON object');
}
