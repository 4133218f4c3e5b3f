import type pg from 'pg';
import { TRANSACTION_BOUND } from '../database/transaction-bound.ts';

/**
 * Every process that signs holds this advisory lock, shared, on the connection without which it can't sign. So whoever gets
 * it alone knows that none runs, and none starts or comes back until it is let go. It dies with its connection: a process
 * that was killed leaves nothing to clear away.
 */
const LOCK = [0x61737365, 0x6e74] as const;

const NAME = 'assent-log keys';

/** A process that signs, as the database sees it. */
export type SigningProcess = {
  /** Of its connection, as `pg_stat_activity` has it. */
  readonly pid: number;
  /** Undefined: on a unix socket. */
  readonly address: string | undefined;
  /** The ids (8 hexadecimal digits, as in the vkey) of the log keys that it holds; undefined if this role may not see them. */
  readonly keyIds: readonly string[] | undefined;
};

/** What a process that signs has to run first on its connection. @param keyIds 8 hexadecimal digits each, two at most */
export function announceSigning(keyIds: readonly string[]): string {
  if (keyIds.some((id) => !/^[0-9a-f]{8}$/.test(id))) throw new TypeError('keyIds: 8 hexadecimal digits each');
  // The name is all that a connection can tell of its process; PostgreSQL keeps 63 bytes of it.
  return `SET application_name = '${[NAME, ...keyIds].join(' ')}'; ${TRANSACTION_BOUND}; SELECT pg_advisory_lock_shared(${LOCK.join(', ')})`;
}

/** Every process that signs on this database now. */
export async function listSigning(pool: pg.Pool | pg.ClientBase): Promise<SigningProcess[]> {
  const { rows } = await pool.query<{ pid: number; address: string | null; name: string | null }>(
    `SELECT a.pid, host(a.client_addr) AS address, a.application_name AS name
     FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.classid = $1::int8::oid AND l.objid = $2::int8::oid AND l.objsubid = 2 AND l.granted
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     ORDER BY a.pid`,
    [...LOCK],
  );
  return rows.map(({ pid, address, name }) => ({
    pid,
    address: address ?? undefined,
    keyIds: name?.startsWith(`${NAME} `) ? name.slice(NAME.length + 1).split(' ') : undefined,
  }));
}

export type Alone<T> =
  | { readonly alone: true; readonly value: T }
  | { readonly alone: false; readonly others: SigningProcess[] };

/** Runs `action` while no process signs and none can begin to; not at all if one does. */
export async function whileNobodySigns<T>(pool: pg.Pool, action: () => Promise<T>): Promise<Alone<T>> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ alone: boolean }>(`SELECT pg_try_advisory_lock(${LOCK.join(', ')}) AS alone`);
    if (rows[0]?.alone !== true) return { alone: false, others: await listSigning(client) };
    return { alone: true, value: await action() };
  } finally {
    // Not back into the pool: the lock goes with the connection.
    client.release(true);
  }
}
