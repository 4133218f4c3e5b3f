/** What to send: whole requests, each once, none of which depends on another. */
export type SendOrder = {
  readonly port: number;
  readonly connections: number;
  readonly requests: readonly Buffer[];
  /** Requests a second that are offered whatever the server does; absent: each connection sends when it has its answer. */
  readonly rate?: number;
  /** Processes whose processor time is looked at meanwhile, with all that they started. */
  readonly watched?: readonly number[];
};

/** Latencies in ms, processor time in µs a request. */
export type LoadResult = {
  /** As `Date.now()` tells. */
  readonly endedAt: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Answers whose status is not 2xx. */
  readonly refused: number;
  /** Of the load generator itself. */
  readonly ownCost: number;
  /** Of the processes that were watched. */
  readonly watchedCost: number;
};

/** As a generator itself knows it. */
export type Unwatched = Omit<LoadResult, 'endedAt' | 'watchedCost'>;

/** A request as it is sent. */
export function request(method: string, path: string, headers: Record<string, string> = {}, body = ''): Buffer {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = method === 'POST' ? `content-length: ${Buffer.byteLength(body)}\r\n` : '';
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`);
}
