import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Log } from '../log.ts';
import { HEADERS_OF_ALL } from './common-headers.ts';
import type { TaggedHeaders } from './conditional.ts';
import { READING } from './cross-origin.ts';
import { ENTRY_AND_PROOF_PATH, entryAndProof } from './ct/entry-and-proof.ts';
import { headerFields } from './header-fields.ts';
import type { Observer } from './observe.ts';
import { isPlainGet } from './plain-get.ts';
import { answerProblem } from './problem-response.ts';
import { RECEIPT_PATH, receiptHeaders } from './receipts.ts';
import { sendAtOnce } from './send-at-once.ts';

export type ReadAtOnceParts = {
  readonly log: Log;
  readonly observer: Observer;
  readonly logger: Logger;
};

/** `body`: text in which each byte is a character. */
type Answer = { readonly body: string; readonly headers: TaggedHeaders };
type Read = { readonly route: string; readonly path: string; readonly make: () => Promise<Answer> };

const DECIMAL = '(0|[1-9][0-9]{0,14})';
const RECEIPT = new RegExp(`^/api/v1/receipts/${DECIMAL}$`);
const ENTRY_AND_PROOF = new RegExp(`^${ENTRY_AND_PROOF_PATH}\\?leaf_index=${DECIMAL}&tree_size=${DECIMAL}$`);

/**
 * Receipts by index, and `get-entry-and-proof`, as nearly everybody asks for them: answered on Node's own request and response.
 * The way through routes and middleware took a fifth of what such a read cost. Whatever is not plain (a condition, an API
 * key, a preferred form, another spelling) is left to the interface in `app.ts`, whose answer to the same request is the
 * same, byte for byte.
 *
 * Returns whether it took the request.
 */
export function readAtOnce(parts: ReadAtOnceParts): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const read = isPlainGet(request) ? readOf(parts.log, request) : undefined;
    if (read === undefined) return false;
    void answer(parts, read, response);
    return true;
  };
}

function readOf(log: Log, { url = '', headers }: IncomingMessage): Read | undefined {
  const receipt = RECEIPT.exec(url);
  if (receipt !== null) {
    if (headers.accept !== undefined && headers.accept !== '*/*') return undefined;
    const index = Number(receipt[1]);
    const make = async (): Promise<Answer> => {
      const signed = await log.receipts.covering(index, undefined);
      const body = await log.receipts.textAgainst(index, signed);
      return { body, headers: receiptHeaders(index, signed.checkpoint) };
    };
    return { route: RECEIPT_PATH, path: url, make };
  }
  const proof = ENTRY_AND_PROOF.exec(url);
  if (proof === null) return undefined;
  const [index, size] = [Number(proof[1]), Number(proof[2])];
  return { route: ENTRY_AND_PROOF_PATH, path: ENTRY_AND_PROOF_PATH, make: () => entryAndProof(log.ct, index, size) };
}

async function answer({ observer, logger }: ReadAtOnceParts, read: Read, response: ServerResponse): Promise<void> {
  const began = performance.now();
  const requestId = randomUUID();
  const { route, path, make } = read;
  const answered = await make().catch((error: unknown) => answerProblem(error, path, requestId, logger));
  const refusal = 'code' in answered ? answered : undefined;
  const status = refusal?.status ?? 200;
  const body = refusal === undefined ? answered.body : Buffer.from(answered.body).toString('latin1');
  const own = { 'X-Request-Id': requestId, 'Content-Length': String(body.length) };
  response.writeHead(status, headerFields(HEADERS_OF_ALL, READING, own, answered.headers));
  sendAtOnce(response, body);
  observer.answered({
    requestId,
    method: 'GET',
    route,
    status,
    ms: performance.now() - began,
    problem: refusal?.code,
  });
}
