/**
 * The HTTP interface of a witness (https://c2sp.org/tlog-witness), on Node's own server:
 *
 *     POST /add-checkpoint                             200 cosignatures; 400, 403, 404, 409, 422 by the specification
 *     GET  /<SHA-256 of the origin in hex>/checkpoint  what was cosigned last; 404
 *     GET  /livez, /readyz                             whether it runs, and whether it cosigns
 *
 * Beside the specification: 413 for a body over 128 KiB, 415 for a compressed one, 503 with Retry-After while it can't store, has
 * too much to do, or its clock is behind.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { MAX_REQUEST_BYTES } from './add-checkpoint.ts';
import type { Refusal, Witness, WitnessAnswer } from './witness.ts';
import type { Outcome } from './witness-metrics.ts';

const STATUS: Readonly<Record<Refusal, number>> = {
  malformed: 400,
  too_large: 413,
  unknown_log: 404,
  not_signed: 403,
  old_size_larger: 400,
  inconsistent: 422,
  clock: 503,
  not_stored: 503,
};

const TEXT = 'text/plain; charset=utf-8';
const CHECKPOINT_PATH = /^\/([0-9a-f]{64})\/checkpoint$/;
const RETRY_AFTER_SECONDS = 5;

/** Of all bodies that are arriving or not answered yet. Counted in bytes, so that who sends slowly keeps nobody else out. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
const MAX_CONNECTIONS = 10_000;
/** For a whole request to arrive, which is looked at every few seconds, and for an idle connection. */
const REQUEST_MS = 15_000;
const LOOK_MS = 5_000;
const IDLE_MS = 75_000;

export type WitnessServerParts = {
  readonly witness: Witness;
  /** Whether it cosigns at the moment. */
  readonly isReady: () => boolean;
  /** Of all bodies at once. */
  readonly maxHeldBytes?: number;
  /** Told how every call ended, and after how many seconds. */
  readonly onAnswer?: (outcome: Outcome, seconds: number) => void;
  /** Told of what is a bug here; the caller was answered 500. */
  readonly onError: (error: unknown) => void;
};

export type Reply = {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Not listening yet. */
export function createWitnessServer(parts: WitnessServerParts): Server {
  const addCheckpoint = checkpointAdder(parts);
  const server = createServer(
    {
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: LOOK_MS,
      keepAliveTimeout: IDLE_MS,
      maxHeaderSize: 8192,
    },
    (request, response) => {
      const reply = route(request);
      if (reply instanceof Promise) {
        reply.then(
          (each) => each && send(server, response, each),
          (error: unknown) => {
            parts.onError(error);
            send(server, response, text(500, 'internal error'));
          },
        );
      } else send(server, response, reply);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;

  const route = (request: IncomingMessage): Reply | Promise<Reply | undefined> => {
    const { method = '', url = '' } = request;
    const path = url.split('?', 1)[0]!;
    if (path === '/add-checkpoint') return method === 'POST' ? addCheckpoint(request) : notAllowed('POST');
    const read = reader(parts, path);
    if (read === undefined) return text(404, 'there is nothing here');
    return method === 'GET' || method === 'HEAD' ? read() : notAllowed('GET, HEAD');
  };
  return server;
}

function reader({ witness, isReady }: WitnessServerParts, path: string): (() => Reply) | undefined {
  if (path === '/livez') return () => text(200, 'ok');
  if (path === '/readyz') return () => (isReady() ? text(200, 'ok') : text(503, 'nothing is cosigned at the moment'));
  const originHash = CHECKPOINT_PATH.exec(path)?.[1];
  if (originHash === undefined) return undefined;
  return () => {
    const checkpoint = witness.checkpointOf(originHash);
    if (checkpoint === undefined) return text(404, 'this witness has not cosigned a checkpoint of that log');
    // Public, for pages too; and what is asked for is the newest.
    const headers = { 'content-type': TEXT, 'cache-control': 'no-cache', 'access-control-allow-origin': '*' };
    return { status: 200, body: checkpoint, headers };
  };
}

function checkpointAdder({
  witness,
  onAnswer,
  maxHeldBytes = MAX_HELD_BYTES,
}: WitnessServerParts): (request: IncomingMessage) => Promise<Reply | undefined> {
  let held = 0;
  return async (request) => {
    const began = performance.now();
    const ended = (outcome: Outcome) => onAnswer?.(outcome, (performance.now() - began) / 1000);
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') return text(415, 'send it as it is');
    let own = 0;
    try {
      const body = await readBody(request, (bytes) => {
        own += bytes;
        held += bytes;
        return own <= MAX_REQUEST_BYTES && held <= maxHeldBytes;
      });
      if (body === 'gone') return undefined;
      if (body === 'refused' && own <= MAX_REQUEST_BYTES) {
        ended('overloaded');
        return retryLater('this witness has too much to do');
      }
      const answer: WitnessAnswer =
        body === 'refused'
          ? { outcome: 'too_large', detail: `over ${MAX_REQUEST_BYTES} bytes` }
          : await witness.addCheckpoint(body);
      ended(answer.outcome);
      return replyOf(answer);
    } catch (error) {
      ended('bug');
      throw error;
    } finally {
      held -= own;
    }
  };
}

function replyOf(answer: WitnessAnswer): Reply {
  switch (answer.outcome) {
    case 'cosigned':
      return { status: 200, body: answer.lines };
    case 'conflict':
      return { status: 409, body: `${answer.size}\n`, headers: { 'content-type': 'text/x.tlog.size' } };
    default: {
      const status = STATUS[answer.outcome];
      return status === 503 ? retryLater(answer.detail) : text(status, answer.detail);
    }
  }
}

/** The body; 'refused' once `takes` does not take a chunk; 'gone' if the caller went away before its end. */
function readBody(request: IncomingMessage, takes: (bytes: number) => boolean): Promise<Buffer | 'refused' | 'gone'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      if (takes(chunk.length)) return void chunks.push(chunk);
      request.pause();
      resolve('refused');
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    // What went wrong is told by the end that did not come.
    request.on('error', () => resolve('gone'));
    request.on('close', () => resolve('gone'));
  });
}

export function send(server: Server, response: ServerResponse, { status, body, headers }: Reply): void {
  // The rest of a body that was not read would be taken for the next request; and a server that stops waits for nobody.
  const last = response.req.complete && server.listening ? {} : { connection: 'close' };
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-type': TEXT, 'content-length': length, ...last, ...headers }).end(body);
}

export function text(status: number, body: string): Reply {
  return { status, body: `${body}\n` };
}

export function notAllowed(allow: string): Reply {
  return { ...text(405, `only ${allow}`), headers: { allow } };
}

function retryLater(why: string): Reply {
  return { ...text(503, why), headers: { 'retry-after': String(RETRY_AFTER_SECONDS) } };
}
