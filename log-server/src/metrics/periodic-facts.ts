import { statfs } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Database } from '../database/connect.ts';
import { type DatabaseFacts, readDatabaseFacts } from '../store/database-facts.ts';
import { within } from '../within.ts';

export type DiskSpace = { readonly free: number; readonly total: number };

export type PeriodicFactsOptions = {
  readonly database: Database;
  readonly dataDir: string;
  readonly logger: Logger;
  readonly intervalMs?: number;
};

const INTERVAL_MS = 30_000;
/** A database that is stalled, not gone, must not keep "up" at its last value. */
const PATIENCE_MS = 5_000;

/**
 * What the metrics say of database and disk, asked for twice a minute and not when somebody reads the metrics: a scrape
 * neither waits for a database that is away nor lets its caller load it.
 */
export class PeriodicFacts {
  private facts: DatabaseFacts | undefined;
  private space: DiskSpace | undefined;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private closed = false;

  private readonly options: PeriodicFactsOptions;

  constructor(options: PeriodicFactsOptions) {
    this.options = options;
  }

  get database(): DatabaseFacts | undefined {
    return this.facts;
  }

  get disk(): DiskSpace | undefined {
    return this.space;
  }

  /** Asks for the first time, and then again and again until {@link close}. Never rejects. */
  start(): Promise<void> {
    this.round = this.ask().then(() => {
      if (this.closed) return;
      this.timer = setTimeout(() => void this.start(), this.options.intervalMs ?? INTERVAL_MS);
      this.timer.unref();
    });
    return this.round;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private async ask(): Promise<void> {
    const { database, dataDir, logger } = this.options;
    this.space = await readDiskSpace(dataDir).catch((err: unknown) => {
      logger.debug({ err }, 'the free space on the data disk could not be read');
      return undefined;
    });
    this.facts = await within(
      PATIENCE_MS,
      readDatabaseFacts(database.kysely),
      () => new Error('the database did not answer in time'),
    ).catch((err: unknown) => {
      // Once, when it begins: whatever else needs the database says so too.
      if (this.facts !== undefined) logger.warn({ err }, "the database's state could not be read");
      return undefined;
    });
  }
}

export async function readDiskSpace(folder: string): Promise<DiskSpace> {
  const { bsize, bavail, blocks } = await statfs(folder);
  return { free: bavail * bsize, total: blocks * bsize };
}
