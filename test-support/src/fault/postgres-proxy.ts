import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { waitUntil } from './wait-until.ts';

/**
 * What becomes of a statement, and of the connection that it came on.
 *
 * - `pass`: nothing happens to it.
 * - `cut before`: PostgreSQL never sees it, and the connection is cut.
 * - `cut during`: PostgreSQL gets it, and the client's connection is cut at once. What it did is done, and nobody is told.
 * - `cut after`: PostgreSQL has answered that it is done (the commit is durable), and the connection is cut in place of the answer.
 * - `stall before the end`: PostgreSQL runs it, and does not get the message that ends its transaction until {@link PostgresProxy.release}.
 * - `stall before`: PostgreSQL gets nothing of it until then.
 */
export type Verdict = 'pass' | 'cut before' | 'cut during' | 'cut after' | 'stall before' | 'stall before the end';

export type PostgresProxy = {
  /** As in DATABASE_URL. */
  readonly url: string;
  /** Every statement that came through, in order. */
  readonly statements: readonly string[];
  /** Asked about each statement, with its text, before PostgreSQL gets it. */
  decide(verdict: (statement: string) => Verdict): void;
  /** Lets what was stalled go on. */
  release(): void;
  /** How many statements are stalled now. */
  readonly stalled: number;
  /** Cuts every connection. */
  cutAll(): void;
  /** Whether the database can be reached at all. Taking it away cuts every connection. */
  setReachable(reachable: boolean): void;
  /** Later connections lead to this server, as after a failover. */
  leadTo(databaseUrl: string): void;
  close(): Promise<void>;
};

type Message = { readonly type: string; readonly bytes: Buffer };

/**
 * Stands between a log and PostgreSQL and understands enough of the protocol (PostgreSQL's manual, chapter "Frontend/Backend
 * Protocol") to cut a connection just before a statement, during it, and between its commit and the answer.
 */
export async function startPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  let target = new URL(databaseUrl);
  const statements: string[] = [];
  const links = new Set<() => void>();
  let held: (() => void)[] = [];
  let reachable = true;
  let decide: (statement: string) => Verdict = () => 'pass';

  const dial = (): Socket => {
    const socketDir = target.searchParams.get('host');
    return socketDir?.startsWith('/')
      ? connect(path.join(socketDir, `.s.PGSQL.${target.port || 5432}`))
      : connect(Number(target.port || 5432), target.hostname);
  };

  const server = createServer((client) => {
    client.on('error', () => undefined);
    if (!reachable) {
      client.destroy();
      return;
    }
    const backend = dial();
    backend.on('error', () => undefined);
    const cut = (): void => {
      client.destroy();
      backend.destroy();
      links.delete(cut);
    };
    links.add(cut);
    client.on('close', cut);
    backend.on('close', cut);
    let toClient: (chunk: Buffer) => void = (chunk) => void client.write(chunk);
    backend.on('data', (chunk: Buffer) => toClient(chunk));

    /** Cuts when PostgreSQL is ready for the next statement, so when it has answered this one; the answer is dropped. */
    const cutWhenReady = (): void => {
      const read = messageReader(({ type }) => {
        if (type === 'Z') cut();
      });
      toClient = read;
    };
    const prepared = new Map<string, string>();
    let request: Message[] = [];
    const run = (messages: readonly Message[]): void => {
      const text = statementOf(messages, prepared);
      if (text !== undefined) statements.push(text);
      const bytes = Buffer.concat(messages.map((message) => message.bytes));
      const verdict = text === undefined ? 'pass' : decide(text);
      if (verdict === 'pass') backend.write(bytes);
      else if (verdict === 'cut before') cut();
      else if (verdict === 'stall before') held.push(() => backend.write(bytes));
      else if (verdict === 'stall before the end') {
        const end = messages.at(-1)!;
        backend.write(bytes.subarray(0, bytes.length - end.bytes.length));
        held.push(() => backend.write(end.bytes));
      } else {
        if (verdict === 'cut during') {
          // The backend stays until it is done: it notices that its client is gone when it answers.
          client.removeListener('close', cut);
          client.destroy();
        }
        cutWhenReady();
        backend.write(bytes);
      }
    };
    const read = messageReader((message) => {
      // What comes in the middle of a stream (a standby's reports) belongs to no statement.
      if (message.type === 'startup' || message.type === 'd') {
        backend.write(message.bytes);
        return;
      }
      request.push(message);
      // Query, Sync and Terminate each end what came before them; what comes in between belongs to the next one.
      if (!['Q', 'S', 'X', 'p'].includes(message.type)) return;
      const messages = request;
      request = [];
      run(messages);
    }, true);
    client.on('data', read);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  const release = (): void => {
    for (const go of held.splice(0)) go();
  };
  const cutAll = (): void => {
    for (const cut of links) cut();
  };
  return {
    url: `postgresql://${target.username}@127.0.0.1:${address.port}${target.pathname}`,
    statements,
    decide: (verdict) => {
      decide = verdict;
    },
    release,
    get stalled() {
      return held.length;
    },
    cutAll,
    setReachable: (now) => {
      reachable = now;
      if (!now) cutAll();
    },
    leadTo: (databaseUrl) => {
      target = new URL(databaseUrl);
    },
    close: async () => {
      held = [];
      cutAll();
      await new Promise((resolve) => server.close(resolve));
      await waitUntil('the connections through the proxy are gone', () => links.size === 0);
    },
  };
}

/** Cuts a stream into messages: a type, a length that counts itself, and the rest. The first one may have no type. */
function messageReader(take: (message: Message) => void, startup = false): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let untyped = startup;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const at = untyped ? 0 : 1;
      if (rest.length < at + 4) return;
      const end = at + rest.readUInt32BE(at);
      if (rest.length < end) return;
      const bytes = rest.subarray(0, end);
      rest = rest.subarray(end);
      const type = untyped ? 'startup' : String.fromCharCode(bytes[0]!);
      untyped = false;
      take({ type, bytes });
    }
  };
}

/** The text of the statement that these messages run; undefined if they run none. */
function statementOf(messages: readonly Message[], prepared: Map<string, string>): string | undefined {
  let found: string | undefined;
  for (const { type, bytes } of messages) {
    const texts = bytes.subarray(5);
    if (type === 'Q') found = readText(texts, 0).text;
    if (type === 'P') {
      const name = readText(texts, 0);
      const { text } = readText(texts, name.end);
      prepared.set(name.text, text);
    }
    if (type === 'B') {
      const portal = readText(texts, 0);
      found = prepared.get(readText(texts, portal.end).text);
    }
  }
  return found;
}

function readText(bytes: Buffer, at: number): { readonly text: string; readonly end: number } {
  const zero = bytes.indexOf(0, at);
  return { text: bytes.toString('utf8', at, zero), end: zero + 1 };
}
