import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { MAX_BODY_BYTES } from '../admission/examine.ts';
import type { ApiKey, ApiKeys } from '../api-keys.ts';
import type { Log } from '../log.ts';
import type { RateLimits } from '../rate-limits.ts';
import { APPEND_PATH, answerOutcome } from './append-request.ts';
import { ByteBudget } from './byte-budget.ts';
import { addressesBehind } from './caller-address.ts';
import { HEADERS_OF_ALL } from './common-headers.ts';
import { headerFields } from './header-fields.ts';
import type { AddressLimits } from './limit-addresses.ts';
import type { Observer } from './observe.ts';
import { answerProblem } from './problem-response.ts';
import { MAX_BYTES_ARRIVING } from './read-body.ts';
import { chooseRequestId } from './request-id.ts';
import { sendAtOnce } from './send-at-once.ts';

export type AppendAtOnceParts = {
  readonly log: Log;
  readonly apiKeys: ApiKeys;
  readonly limits: Pick<AddressLimits, 'failedAuthentications'> & { readonly trustedProxies: readonly string[] };
  /** Where wrong API keys are counted by address. */
  readonly guessers: RateLimits;
  readonly observer: Observer;
  readonly logger: Logger;
};

/** What may stand in the way of taking a request here is in its headers; a name that comes twice is no business of ours. */
const READ = ['host', 'authorization', 'content-type', 'content-length', 'x-request-id', 'x-forwarded-for'] as const;
const LEFT_TO_OTHERS = new Set(['content-encoding', 'transfer-encoding', 'expect', 'trailer', 'upgrade']);
const PLAIN_HOST = /^[A-Za-z0-9.-]+(:[0-9]+)?$/;
type Headers = Partial<Record<(typeof READ)[number], string>>;

/**
 * `POST /api/v1/entries` as nearly everybody sends it, answered on Node's own request and response, without the web's
 * objects around them. It decides nothing of its own. Whatever is not plain (a
 * query, an unknown or limited API key, a body that does not say its length, an address that guesses keys) is left to the
 * interface in `app.ts`, before anything was read of it, and answered there.
 *
 * Returns whether it took the request.
 */
export function appendAtOnce(
  parts: AppendAtOnceParts,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { apiKeys, guessers, logger } = parts;
  const { failedAuthentications, trustedProxies } = parts.limits;
  const addressOf = addressesBehind(trustedProxies, logger);
  const arriving = new ByteBudget(MAX_BYTES_ARRIVING);
  return (request, response) => {
    if (request.method !== 'POST' || request.url !== APPEND_PATH) return false;
    const headers = readHeaders(request.rawHeaders);
    if (headers?.['content-type'] !== 'application/json' || !PLAIN_HOST.test(headers.host ?? '')) return false;
    const length = Number(headers['content-length'] ?? Number.NaN);
    if (!(length > 0 && length <= MAX_BODY_BYTES)) return false;
    if (failedAuthentications !== undefined) {
      // A right key among the guesses of one address must not be told from the wrong ones.
      const address = addressOf(request.socket.remoteAddress, headers['x-forwarded-for']);
      if (address !== undefined && guessers.wait(address, 1, failedAuthentications) > 0) return false;
    }
    const key = apiKeys.recognized(headers.authorization);
    if (key === undefined || key.rate !== null) return false;
    const read = (): Promise<Buffer | undefined> => arriving.spend(length, () => readAnnounced(request));
    void answer(parts, read, response, key, chooseRequestId(headers['x-request-id']));
    return true;
  };
}

function readHeaders(raw: readonly string[]): Headers | undefined {
  const headers: Headers = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    if (LEFT_TO_OTHERS.has(name)) return undefined;
    const read = READ.find((known) => known === name);
    if (read === undefined) continue;
    if (headers[read] !== undefined) return undefined;
    headers[read] = raw[i + 1]!;
  }
  return headers;
}

async function answer(
  { log, observer, logger }: AppendAtOnceParts,
  read: () => Promise<Buffer | undefined>,
  response: ServerResponse,
  key: ApiKey,
  requestId: string,
): Promise<void> {
  const began = performance.now();
  const answered = await read()
    .then(async (body) => body && answerOutcome(await log.appendBody(body, key.rights)))
    .catch((error: unknown) => answerProblem(error, APPEND_PATH, requestId, logger));
  // The caller went away before all of it was here: nothing was stored, and nobody is there to be told.
  if (answered === undefined) return;
  const { status, headers } = answered;
  const problem = 'code' in answered ? answered.code : undefined;
  const body = problem === undefined ? answered.body : Buffer.from(answered.body).toString('latin1');
  const own = { 'X-Request-Id': requestId, 'Content-Length': String(body.length) };
  response.writeHead(status, headerFields(HEADERS_OF_ALL, own, headers));
  sendAtOnce(response, body);
  const ms = performance.now() - began;
  observer.answered({ requestId, method: 'POST', route: APPEND_PATH, status, ms, problem });
}

/** A body whose length Node enforces; undefined if it never came to its end. */
function readAnnounced(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on('close', () => resolve(undefined));
    // What went wrong is told by the end that did not come.
    request.on('error', () => resolve(undefined));
  });
}
