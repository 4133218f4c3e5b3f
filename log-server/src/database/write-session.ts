import type pg from 'pg';
import type { PoolClient } from 'pg';

/**
 * One connection kept for writing, which tells whether a commit was acknowledged without reservation. With synchronous
 * replication Postgres answers a commit whose wait for the standbys was cancelled with a WARNING and success: the
 * commit is visible here, and on no standby. Nothing that depends on it may be signed before a later commit went well.
 */
export class WriteSession {
  private client: PoolClient | undefined;
  private connecting: Promise<PoolClient> | undefined;
  private warnings = 0;

  private readonly pool: pg.Pool;
  /** Run once on each new connection. */
  private readonly prepare: string | undefined;
  private readonly onLost: () => void;

  /** @param onLost told when a connection broke that nobody was using, and of every other that is given up */
  constructor(pool: pg.Pool, prepare?: string, onLost: () => void = () => undefined) {
    this.pool = pool;
    this.prepare = prepare;
    this.onLost = onLost;
  }

  /**
   * Runs one statement. `acknowledged` is false after a warning, and for the first statement of a new connection: it may
   * lead to another database than the last one did. Rejects with the driver's error, after which the connection is never used again: what it was
   * doing is unknown.
   */
  async run<T>(statement: (client: PoolClient) => Promise<T>): Promise<{ value: T; acknowledged: boolean }> {
    const reconnected = this.client === undefined;
    const client = this.client ?? (await this.connectOnce());
    const before = this.warnings;
    try {
      const value = await statement(client);
      return { value, acknowledged: !reconnected && this.warnings === before };
    } catch (error) {
      this.drop(client);
      throw error;
    }
  }

  /** Gives the connection back; a later {@link run} takes another. */
  close(): void {
    if (this.client !== undefined) this.drop(this.client);
  }

  /** One connection, however many ask for it at the same time: another one would be nobody's to close. */
  private connectOnce(): Promise<PoolClient> {
    this.connecting ??= this.connect().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  private async connect(): Promise<PoolClient> {
    const client = await this.pool.connect();
    client.on('notice', () => {
      // checkConnection set client_min_messages to warning, so nothing milder arrives.
      this.warnings++;
    });
    client.on('error', () => this.drop(client));
    try {
      if (this.prepare !== undefined) await client.query(this.prepare);
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.client = client;
    return client;
  }

  private drop(client: PoolClient): void {
    if (this.client !== client) return;
    this.client = undefined;
    client.release(true);
    this.onLost();
  }
}
