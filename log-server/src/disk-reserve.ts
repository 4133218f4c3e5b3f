import type { Logger } from 'pino';
import { readDiskSpace } from './metrics/periodic-facts.ts';

const MB = 2 ** 20;
const INTERVAL_MS = 1_000;

export type DiskReserveOptions = {
  /** A folder on the disk that is watched. */
  readonly folder: string;
  /** What must stay free for an append to be taken. */
  readonly bytes: number;
  readonly logger: Logger;
  readonly intervalMs?: number;
};

/**
 * Keeps appends from filling the disk of the data directory to its end: below the reserve they are refused, while what
 * was taken in is still stored and signed, and reads go on. A disk without a byte left makes PostgreSQL panic, and the
 * fork guard fail; logs have been damaged by that. It is looked at once a second, which costs one system call.
 */
export class DiskReserve {
  readonly bytes: number;
  private readonly options: DiskReserveOptions;
  private free: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: DiskReserveOptions) {
    this.options = options;
    this.bytes = options.bytes;
  }

  /** Why nothing may be appended now, or undefined. */
  get problem(): string | undefined {
    if (this.free === undefined || this.free >= this.bytes) return undefined;
    return `Only ${Math.floor(this.free / MB)} MB of the data directory's disk are free, and ${Math.floor(this.bytes / MB)} MB are kept in reserve. Nothing was stored; what is in the log can be read. Appends go on by themselves when there is room.`;
  }

  /** Resolves when it was looked at for the first time. */
  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), this.options.intervalMs ?? INTERVAL_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const { folder, logger } = this.options;
    const before = this.problem;
    try {
      this.free = (await readDiskSpace(folder)).free;
    } catch (error) {
      // What was known stays: a disk that can't be asked is no reason to believe that there is room again.
      logger.debug({ err: error }, 'the free space on the data disk could not be read');
      return;
    }
    if (before === undefined && this.problem !== undefined) {
      logger.error({ freeBytes: this.free, reserveBytes: this.bytes }, 'too little disk space: appends are refused');
    } else if (before !== undefined && this.problem === undefined) {
      logger.warn({ freeBytes: this.free }, 'there is disk space again: appends are taken');
    }
  }
}
