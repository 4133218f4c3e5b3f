import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, statfsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

const CHUNK_BYTES = 2 ** 20;
/** Two files of write-ahead log: with less PostgreSQL can't be sure to end its recovery. */
const NEEDED_BYTES = 32 * 2 ** 20;
const UNFINISHED = '.unfinished';

/**
 * A file that does nothing but take up room. On a disk without any left PostgreSQL can't write its log, panics, and can't
 * start again either, because recovery writes too: the log could not even be read until somebody made room. So a start
 * that finds the disk full removes this file first. Meanwhile appends stay refused, as the reserve
 * ({@link DiskReserve}) is larger than the ballast; when there is room again, it is made anew.
 */
export class Ballast {
  private readonly dataDir: string;
  private readonly file: string;
  private readonly bytes: number;

  constructor(dataDir: string, bytes: number) {
    this.dataDir = dataDir;
    this.file = path.join(dataDir, 'postgres-ballast');
    this.bytes = bytes;
  }

  /** Called before PostgreSQL is started. Returns whether the ballast had to go. */
  releaseIfFull(): boolean {
    if (this.free() >= NEEDED_BYTES) return false;
    rmSync(`${this.file}${UNFINISHED}`, { force: true });
    if (!existsSync(this.file)) return false;
    rmSync(this.file);
    return true;
  }

  /** Makes it where it is missing and there is room for several of it. Rejects with the system's error. */
  async ensure(): Promise<void> {
    if (existsSync(this.file) || this.free() < 5 * this.bytes) return;
    const unfinished = `${this.file}${UNFINISHED}`;
    try {
      await this.write(unfinished);
      await rename(unfinished, this.file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  /** Random bytes: file systems that compress keep no room for zeros. */
  private async write(file: string): Promise<void> {
    const handle = await open(file, 'w', 0o600);
    try {
      const chunk = randomBytes(CHUNK_BYTES);
      for (let at = 0; at < this.bytes; at += chunk.length) {
        await handle.write(chunk, 0, Math.min(chunk.length, this.bytes - at));
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  private free(): number {
    const { bavail, bsize } = statfsSync(this.dataDir);
    return bavail * bsize;
  }
}
