import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Handler = (response: ServerResponse, request: SeenRequest, count: number) => void;

export type ScriptedServer = {
  readonly url: string;
  readonly host: string;
  readonly seen: SeenRequest[];
  /** What answers from now on; forgets what was seen. */
  answer(handler: Handler): void;
  close(): Promise<void>;
};

/** A real HTTP server that answers what a test tells it to, above all what a log never should. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  let handler: Handler = (response) => response.writeHead(500).end();
  const server = createServer(async (request, response) => {
    const seenRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization,
      headers: request.headers,
      body: await readBody(request),
    };
    seen.push(seenRequest);
    handler(response, seenRequest, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const host = `127.0.0.1:${address.port}`;
  return {
    url: `http://${host}`,
    host,
    seen,
    answer(next) {
      seen.length = 0;
      handler = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response
    .writeHead(status, { 'content-type': type, ...headers })
    .end(typeof value === 'string' ? value : JSON.stringify(value));
}

export function problem(status: number, code: string, extras: object = {}): Handler {
  return (response) => json(response, status, { title: 'Refused', status, code, detail: `because ${code}`, ...extras });
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
