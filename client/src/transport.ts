import { parseJson, utf8Decode } from '@assent/verifier';
import { LogRefused, LogUnreachable, type RefusedCheck } from './errors.ts';
import {
  DEFAULT_ATTEMPT_TIMEOUT_MS,
  DEFAULT_TIMEOUT_MS,
  isTransient,
  parseRetryAfter,
  pause,
  pauseAfter,
  type RetryOptions,
} from './retry.ts';
import { isJsonObject } from './submission.ts';

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

export type TransportOptions = RetryOptions & {
  readonly url: string;
  readonly apiKey?: string;
  readonly fetch?: Fetch;
};

export type Call = {
  /** Below the log's address, with its query. */
  readonly path: string;
  readonly accept: string;
  /** With it the request is a POST of this JSON, with the API key. */
  readonly json?: string;
  /** Of the answer, unpacked. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** For this call instead of the transport's own, in ms. */
  readonly timeoutMs?: number;
};

export type Answer = { readonly status: number; readonly text: string; readonly headers: Headers };

/** Sends requests until one is answered for good. */
export class Transport {
  readonly #base: string;
  readonly #options: TransportOptions;
  readonly #fetch: Fetch;

  /** Throws TypeError on an address that is none. */
  constructor(options: TransportOptions) {
    if (!URL.canParse(options.url)) throw new TypeError('url: not an address such as https://log.example.com');
    const url = new URL(options.url);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('url: neither https nor http');
    // An API key in clear text is anybody's on the way.
    if (options.apiKey !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname)) {
      throw new TypeError('url: an API key is sent over https only, except to this machine');
    }
    this.#base = url.href.endsWith('/') ? url.href : `${url.href}/`;
    this.#options = options;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  /** Answers with any success (2xx). Throws LogRefused or LogUnreachable; the signal's reason when it is aborted. */
  async send(call: Call): Promise<Answer> {
    const until = performance.now() + (call.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    for (let attempt = 1; ; attempt++) {
      call.signal?.throwIfAborted();
      const outcome = await this.#attempt(call, until).catch((error: unknown) => {
        call.signal?.throwIfAborted();
        if (error instanceof LogRefused) throw error;
        return new LogUnreachable(`no answer from ${this.#base}: ${reasonOf(error)}`, attempt, { cause: error });
      });
      if (!(outcome instanceof LogUnreachable) && !isTransient(outcome.status)) return expectSuccess(outcome);
      const asked = outcome instanceof LogUnreachable ? undefined : parseRetryAfter(outcome.headers.get('retry-after'));
      const wait = pauseAfter(attempt, asked);
      if (performance.now() + wait >= until) {
        if (outcome instanceof LogUnreachable) throw outcome;
        return expectSuccess(outcome);
      }
      await pause(wait, call.signal);
    }
  }

  async #attempt({ path, accept, json, maxBytes, signal }: Call, until: number): Promise<Answer> {
    const abort = new AbortController();
    const own = this.#options.attemptTimeoutMs ?? DEFAULT_ATTEMPT_TIMEOUT_MS;
    const left = Math.max(1, Math.min(own, until - performance.now()));
    const timer = setTimeout(() => abort.abort(new Error(`it took more than ${Math.round(left)} ms`)), left);
    const onAbort = (): void => abort.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const { apiKey } = this.#options;
      const response = await this.#fetch(this.#base + path, {
        method: json === undefined ? 'GET' : 'POST',
        headers: {
          accept,
          ...(json !== undefined && { 'content-type': 'application/json' }),
          ...(json !== undefined && apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        },
        ...(json !== undefined && { body: json }),
        // Not followed: it would carry the API key to whoever the answer names.
        redirect: 'manual',
        signal: abort.signal,
      });
      const bytes = await readBody(response, maxBytes);
      const text = utf8Decode(bytes);
      if (!text.ok) throw malformed(response.status, 'the answer is not UTF-8');
      return { status: response.status, text: text.value, headers: response.headers };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      // Lets go of the connection of an answer that was not read to its end.
      abort.abort();
    }
  }
}

/** Counts what is unpacked: a few kilobytes of gzip can be gigabytes. */
async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) break;
    size += next.value.length;
    if (size > maxBytes) throw malformed(response.status, `the answer has more than ${maxBytes} bytes`);
    chunks.push(next.value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function expectSuccess(answer: Answer): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw refusalOf(answer);
}

/** What an answer says that is no success, whatever its body is. */
export function refusalOf({ status, text, headers }: Answer): LogRefused {
  const json = parseJson(text);
  const problem = json.ok && isJsonObject(json.value) ? json.value : {};
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'));
  const code = typeof problem.code === 'string' ? problem.code.slice(0, 100) : 'unknown';
  const detail =
    typeof problem.detail === 'string' ? problem.detail.slice(0, 1000) : 'and not in the words of an Assent log';
  return new LogRefused(`the log answered ${status} ${code}: ${detail}`, {
    status,
    code,
    index: typeof problem.index === 'number' ? problem.index : undefined,
    checks: Array.isArray(problem.checks) ? problem.checks.slice(0, 20).flatMap(readCheck) : [],
    retryAfterMs,
    unverifiedReceipt: isJsonObject(problem.receipt ?? null) ? JSON.stringify(problem.receipt) : undefined,
  });
}

function readCheck(value: unknown): readonly RefusedCheck[] {
  if (typeof value !== 'object' || value === null) return [];
  const { id, code, detail } = value as Record<string, unknown>;
  const text = (member: unknown): string => (typeof member === 'string' ? member.slice(0, 1000) : '');
  return [{ id: text(id), code: text(code), detail: text(detail) }];
}

export function malformed(status: number, message: string): LogRefused {
  const facts = {
    status,
    code: 'unknown',
    index: undefined,
    checks: [],
    retryAfterMs: undefined,
    unverifiedReceipt: undefined,
  };
  return new LogRefused(`${message}: is this the address of an Assent log?`, facts);
}

function reasonOf(error: unknown): string {
  // `fetch` says "fetch failed" about everything; the reason is in the cause.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
