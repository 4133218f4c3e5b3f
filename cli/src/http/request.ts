import { CommandFailure, type FailureKind } from '../failure.ts';
import { VERSION } from '../version.ts';

export type HttpRequest = {
  readonly url: URL;
  readonly accept: string;
  /** With it the request is a POST of JSON. */
  readonly json?: string;
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the answer's body, unpacked. */
  readonly maxBytes: number;
  /** For the whole exchange, so that an answer that trickles ends as well. */
  readonly timeoutMs: number;
  /** Ends it early, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
};

export type HttpAnswer = {
  readonly url: URL;
  readonly status: number;
  readonly statusText: string;
  /** Lower case, without parameters. */
  readonly mediaType: string;
  readonly retryAfter: string | null;
  /** What the clock there shows, as it says. */
  readonly date: string | null;
  readonly body: Uint8Array;
};

/** One request, one answer, whatever its status. Throws CommandFailure with a kind that ends as "network". */
export async function request(options: HttpRequest): Promise<HttpAnswer> {
  const { url, accept, json, apiKey, headers, maxBytes, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  const end = (): void => abort.abort();
  signal?.addEventListener('abort', end);
  try {
    const response = await fetch(url, {
      method: json === undefined ? 'GET' : 'POST',
      headers: {
        accept,
        'user-agent': `assent/${VERSION}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        ...headers,
      },
      ...(json !== undefined && { body: json }),
      // Not followed: what answers in the end would be something else than what the user named.
      redirect: 'manual',
      signal: abort.signal,
    });
    if (response.status >= 300 && response.status < 400) throw redirected(url, response);
    return {
      url,
      status: response.status,
      statusText: response.statusText,
      mediaType: (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase(),
      retryAfter: response.headers.get('retry-after'),
      date: response.headers.get('date'),
      body: await readBody(url, response, maxBytes),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof CommandFailure) throw error;
    if (abort.signal.aborted) {
      const message = `${url.host} did not finish its answer within ${timeoutMs / 1000} s (--timeout)`;
      throw new CommandFailure('timeout', message, { cause: error });
    }
    throw networkFailure(url, error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    // Lets go of the connection of an answer that was not read to its end.
    abort.abort();
  }
}

/** Counts what is unpacked: a few kilobytes of gzip can be gigabytes. */
async function readBody(url: URL, response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new CommandFailure(
        'answer_too_large',
        `${url.host} answered with more than ${maxBytes} bytes, which were not read`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function redirected(url: URL, response: Response): CommandFailure {
  const location = response.headers.get('location');
  const problem = { status: response.status };
  if (location === null || !URL.canParse(location, url.href)) {
    return new CommandFailure('redirect', `${url.host} answered ${response.status}, a redirect to nowhere`, {
      problem,
    });
  }
  const target = new URL(location, url.href).href.slice(0, 500);
  const message = `${url.host} redirects to ${target}, and redirects are not followed: pass that address if it is the right one`;
  return new CommandFailure('redirect', message, { problem });
}

/** `fetch` says "fetch failed" about everything; the reason is in the cause. */
const REASONS: Readonly<Record<string, readonly [FailureKind, string]>> = {
  ECONNREFUSED: ['unreachable', 'nothing listens there (connection refused)'],
  ENOTFOUND: ['unreachable', 'there is no such host'],
  EAI_AGAIN: ['unreachable', 'the name cannot be looked up now'],
  EHOSTUNREACH: ['unreachable', 'there is no way to that host'],
  ENETUNREACH: ['unreachable', 'the network is not reachable'],
  ETIMEDOUT: ['unreachable', 'it does not answer'],
  UND_ERR_CONNECT_TIMEOUT: ['unreachable', 'it does not answer'],
  ECONNRESET: ['connection_lost', 'the connection was cut'],
  EPIPE: ['connection_lost', 'the connection was cut'],
  UND_ERR_SOCKET: ['connection_lost', 'the connection was cut'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['connection_lost', 'the answer is not as long as announced'],
  UND_ERR_HEADERS_OVERFLOW: ['answer_malformed', 'the headers of the answer are too long'],
};

function networkFailure(url: URL, error: unknown): CommandFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const [kind, reason] = REASONS[code] ?? otherReason(code, cause);
  return new CommandFailure(kind, `cannot reach ${url.host}: ${reason}`, { cause: error });
}

function otherReason(code: string, cause: unknown): readonly [FailureKind, string] {
  if (code.startsWith('HPE_') || code.startsWith('Z_')) return ['answer_malformed', 'what answers is not proper HTTP'];
  if (/CERT|TLS|SSL|SIGNATURE|ISSUER/.test(code))
    return ['unreachable', `its certificate or TLS is not accepted (${code})`];
  return ['unreachable', code === '' && cause instanceof Error ? cause.message : code];
}
