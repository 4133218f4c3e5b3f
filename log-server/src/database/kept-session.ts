import type pg from 'pg';
import type { Logger } from 'pino';
import { findUnsafe } from './connection-check.ts';
import { WriteSession } from './write-session.ts';

const INTERVAL_MS = 5_000;
const RETRY_MS = 200;

export type KeptSessionOptions = {
  readonly pool: pg.Pool;
  /** Run once on each new connection. */
  readonly prepare: string;
  readonly logger: Logger;
  /** Told when the server was made to forget what it acknowledges (`fsync` off): what was committed since may be gone. */
  readonly onUnsafe: (reason: string) => void;
  readonly intervalMs?: number;
};

/**
 * A {@link WriteSession} whose connection is there even while nobody writes: what it holds by being open, the lock that
 * says that this process signs, would be gone unnoticed with an idle connection that was cut. One that breaks is made
 * anew at once; one that died silently (a network that swallows everything) is found out by asking on it. What is asked is
 * whether the server still keeps what it acknowledges.
 */
export class KeptSession {
  readonly session: WriteSession;
  private readonly options: KeptSessionOptions;
  private timer: NodeJS.Timeout | undefined;
  private asking: Promise<void> | undefined;
  private failing = false;
  private closed = false;

  constructor(options: KeptSessionOptions) {
    this.options = options;
    this.session = new WriteSession(options.pool, options.prepare, () => this.askIn(RETRY_MS));
  }

  /** Keeps it until {@link close}. */
  start(): void {
    this.askIn(this.options.intervalMs ?? INTERVAL_MS);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.session.close();
    await this.asking;
    this.session.close();
  }

  private askIn(ms: number): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.asking = this.ask();
    }, ms).unref();
  }

  private async ask(): Promise<void> {
    const { logger, onUnsafe, intervalMs = INTERVAL_MS } = this.options;
    try {
      const { value: reason } = await this.session.run(findUnsafe);
      if (reason !== undefined) onUnsafe(reason);
      this.failing = false;
      this.askIn(intervalMs);
    } catch (error) {
      // Once, when it begins: whatever else needs the database says so too.
      if (!this.failing && !this.closed)
        logger.warn({ err: error }, 'the connection for signing broke: making another');
      this.failing = true;
      this.askIn(RETRY_MS);
    }
  }
}
