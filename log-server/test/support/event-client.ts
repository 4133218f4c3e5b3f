import http from 'node:http';

export type SentEvent = { readonly event: string; readonly id: string; readonly data: Record<string, unknown> };

export type EventClient = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The next event; undefined when the stream has ended, in whatever way. */
  next(): Promise<SentEvent | undefined>;
  /** Everything that was received, comments too. */
  readonly text: () => string;
  /** Breaks the connection off. */
  destroy(): void;
};

/** Reads server-sent events from a real socket, by the rules of WHATWG HTML §9.2.6 as far as the log uses them. */
export async function openEvents(url: string, headers: Record<string, string> = {}): Promise<EventClient> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get(url, { headers, agent: false }, resolve).on('error', reject);
  });
  let received = '';
  let read = 0;
  let ended = false;
  let wake = (): void => undefined;
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    received += chunk;
    wake();
  });
  for (const end of ['end', 'close', 'error']) {
    response.on(end, () => {
      ended = true;
      wake();
    });
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: () => received,
    destroy: () => void response.destroy(),
    async next() {
      for (;;) {
        const end = received.indexOf('\n\n', read);
        if (end >= 0) {
          const fields = parseFields(received.slice(read, end));
          read = end + 2;
          if (fields.has('data')) {
            const [event = '', id = '', data = ''] = ['event', 'id', 'data'].map((name) => fields.get(name));
            return { event, id, data: JSON.parse(data) };
          }
        } else if (ended) {
          return undefined;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}

function parseFields(block: string): Map<string, string> {
  return new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
}
