import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/**
 * The pool as kysely takes it, without connections on which a query was given up: kysely gives a connection back whatever
 * came of its query. The next one to get it would wait behind the query that hangs; and behind a network that silently
 * drops everything, each connection would hang for hours though new ones could be made.
 */
export function discardStuck(pool: pg.Pool): PostgresPool {
  // One for each connection, by which kysely knows it again.
  const watched = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      const known = watched.get(client) ?? watch(client);
      watched.set(client, known);
      return known;
    },
  };
}

function watch(client: pg.PoolClient): PostgresPoolClient {
  let stuck = false;
  const query = (text: string, values: readonly unknown[]): Promise<pg.QueryResult> => {
    const result = client.query(text, [...values]);
    result.catch((error: unknown) => {
      stuck ||= error instanceof Error && error.message === 'Query read timeout';
    });
    return result;
  };
  // Kysely also has cursors, which nobody uses here.
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(stuck) };
}
