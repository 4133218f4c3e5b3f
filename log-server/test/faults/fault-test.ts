import { createTestDatabase } from '@assent/test-support';
import {
  type AuditResult,
  auditLog,
  createRandom,
  createServerHome,
  httpRequest,
  Ledger,
  type Load,
  type LoadOptions,
  problemCode,
  problemDetail,
  type Random,
  type RunParameters,
  runParameters,
  type ServerHome,
  type ServerProcess,
  startLoad,
} from '@assent/test-support/fault/index';
import pg from 'pg';

export type FaultTest = {
  readonly run: RunParameters;
  readonly home: ServerHome;
  readonly ledger: Ledger;
  /** Of the shared database; undefined with the embedded one. */
  readonly databaseUrl: string | undefined;
  random(purpose: string): Random;
  load(servers: () => readonly ServerProcess[], options?: Partial<LoadOptions>): Load;
  /** Appends so many records and waits for all of them. */
  append(servers: readonly ServerProcess[], records: number): Promise<void>;
  audit(server: ServerProcess): Promise<AuditResult>;
  /** Removed at the end, whatever happens. */
  keep(home: ServerHome): ServerHome;
};

export type FaultTestOptions = {
  /** `embedded`: one PostgreSQL in the data directory, as `npm start` has it. `shared`: DATABASE_URL, on the run's PostgreSQL. */
  readonly database: 'embedded' | 'shared';
  /** Where the log's home is made. Default: the system's temporary folder. */
  readonly parent?: string;
  /** For a test that has its own number; absent: ASSENT_ROUNDS, or 5. */
  readonly rounds?: number;
  /** At least so many, for the slow tests. */
  readonly leastRounds?: number;
};

/** Gives `body` a log that does not exist yet, and leaves no process and no folder behind. */
export function faultTest(options: FaultTestOptions, body: (test: FaultTest) => Promise<void>): () => Promise<void> {
  return async () => {
    const parameters = runParameters();
    const rounds = options.rounds ?? Math.max(parameters.rounds, options.leastRounds ?? 1);
    const run = { seed: parameters.seed, rounds };
    const database = options.database === 'shared' ? await createTestDatabase() : undefined;
    const home = createServerHome({
      ...(database && { databaseUrl: database.url }),
      ...(options.parent !== undefined && { parent: options.parent }),
    });
    const homes = [home];
    const ledger = new Ledger();
    const random = (purpose: string): Random => createRandom(run.seed, purpose);
    const loads: Load[] = [];
    const load: FaultTest['load'] = (servers, more = {}) => {
      const started = startLoad({
        servers: () => servers().map(({ url }) => url),
        apiKey: home.apiKey,
        origin: home.origin,
        ledger,
        random: random(`load ${loads.length}`),
        ...more,
      });
      loads.push(started);
      return started;
    };
    try {
      await body({
        run,
        home,
        ledger,
        databaseUrl: database?.url,
        random,
        load,
        append: (servers, records) => load(() => servers, { records }).finish(),
        audit: async (server) => auditLog({ url: server.url, vkey: await home.vkey(server), ledger, run }),
        keep: (other) => {
          homes.push(other);
          return other;
        },
      });
    } catch (error) {
      console.error(`seed ${run.seed}; the servers said:\n${home.logs()}`);
      throw error;
    } finally {
      // A load without its server ends by itself once it is told to; its own failure was reported above, or is ours.
      await Promise.allSettled(loads.map((started) => started.abandon()));
      for (const other of homes) await other.remove();
      await database?.drop();
    }
  };
}

/** For tests whose rounds can be thousands (`ASSENT_ROUNDS`), in ms. */
export function timeoutFor(leastRounds: number): number {
  return Math.max(1_800_000, 10_000 * Math.max(runParameters().rounds, leastRounds));
}

/** What a server that must not sign says of itself, wherever it is asked. */
export type ReadOnlyAnswers = {
  readonly append: { readonly status: number; readonly code: string | undefined; readonly detail: string | undefined };
  readonly checkpoint: { readonly status: number; readonly code: string | undefined };
  readonly ready: { readonly status: number; readonly text: string };
};

export async function askReadOnly(server: ServerProcess, apiKey: string, body: string): Promise<ReadOnlyAnswers> {
  const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
  const append = await httpRequest({ method: 'POST', url: `${server.url}/api/v1/entries`, headers, body });
  const checkpoint = await httpRequest({ url: `${server.url}/checkpoint` });
  const ready = await httpRequest({ url: `${server.url}/readyz` });
  return {
    append: { status: append.status, code: problemCode(append), detail: problemDetail(append) },
    checkpoint: { status: checkpoint.status, code: problemCode(checkpoint) },
    ready: { status: ready.status, text: ready.body.toString('utf8') },
  };
}

/** Runs statements on a database behind the server's back. */
export async function withClient<T>(url: string, action: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
}
