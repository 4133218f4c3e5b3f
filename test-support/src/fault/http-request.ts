import { type Agent, type IncomingHttpHeaders, request } from 'node:http';

export type HttpAnswer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

export type HttpRequest = {
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  readonly agent?: Agent;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default 30 s. */
  readonly limitMs?: number;
};

/** One request. Rejects when no whole answer came: for an append the outcome is then unknown. */
export function httpRequest(options: HttpRequest): Promise<HttpAnswer> {
  const { method = 'GET', url, agent, headers = {}, body, limitMs = 30_000 } = options;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const outgoing = request(url, { method, ...(agent && { agent }), headers: { ...headers, ...length } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', fail);
      answer.on('end', () => {
        clearTimeout(timer);
        if (!answer.complete) return reject(new Error('the answer was cut off'));
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
      });
    });
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${limitMs} ms`)), limitMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

/** The `code` of a problem+json answer, or undefined. */
export function problemCode({ headers, body }: HttpAnswer): string | undefined {
  return problemMember(headers, body, 'code');
}

/** The `detail` of a problem+json answer, or undefined. */
export function problemDetail({ headers, body }: HttpAnswer): string | undefined {
  return problemMember(headers, body, 'detail');
}

function problemMember(headers: IncomingHttpHeaders, body: Buffer, name: string): string | undefined {
  if (headers['content-type']?.startsWith('application/problem+json') !== true) return undefined;
  const problem: unknown = JSON.parse(body.toString('utf8'));
  if (typeof problem !== 'object' || problem === null || !(name in problem)) return undefined;
  return String((problem as Record<string, unknown>)[name]);
}
