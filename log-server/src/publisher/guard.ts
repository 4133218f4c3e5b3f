import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  fsync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { hexDecode, hexEncode } from '@assent/verifier';
import { z } from 'zod';
import type { Head } from '../store/append-batch.ts';
import type { DatabaseIdentity } from '../store/log-row.ts';

/**
 * The fork guard: one register outside the database that holds the newest head which this log may have signed. A head
 * is signed only after the register moved to it from a head that it provably extends, so a database that went back in
 * time (a restored backup, a promoted replica that lost the last commits) can't make the log sign a second history.
 *
 * The register is a directory of numbered generations, each a small JSON file, the highest one counts:
 *
 *     guard/000000000041.json   {"type":"assent/guard/v1","id":"…","origin":"…","head":{…},"database":{…}}
 *     guard/000000000042.json   …
 *
 * The compare-and-swap is link(2) from a complete, synced temporary file to the next number: it fails if another
 * process was faster, it is atomic on every POSIX file system, and a process that is killed leaves no lock behind. (A
 * locked two-slot file costs 0.08 ms instead of 0.36, but Node has no file lock that the kernel releases on death.)
 *
 * Only the two syncs are asynchronous. The other calls take microseconds, and each trip through the thread pool would
 * wait there behind the signatures of the next batch.
 */
export type GuardState = {
  readonly id: string;
  readonly origin: string;
  readonly head: Head;
  readonly database: DatabaseIdentity;
};

/** A state and the generation that holds it, which a compare-and-swap names. */
export type GuardRecord = { readonly generation: number; readonly state: GuardState };

/** How many generations stay: while a stalled process sleeps, its next number must not become free again unnoticed. */
const KEPT_GENERATIONS = 64;
const FILE_NAME = /^(\d{12})\.json$/;

const fileFormat = z.strictObject({
  type: z.literal('assent/guard/v1'),
  id: z.string().min(1),
  origin: z.string().min(1),
  head: z.strictObject({
    seq: z.int().nonnegative(),
    size: z.int().nonnegative(),
    root: z.string().regex(/^[0-9a-f]{64}$/),
    timestamp: z.int().nonnegative(),
  }),
  database: z.strictObject({ systemIdentifier: z.string(), timeline: z.int() }),
});

export class Guard {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  static newId(): string {
    return randomBytes(16).toString('hex');
  }

  /** The newest generation, or undefined where no guard was ever made. Throws an Error on a file that it can't read. */
  async read(): Promise<GuardRecord | undefined> {
    for (;;) {
      const generation = this.generations().at(-1);
      if (generation === undefined) return undefined;
      let text: string;
      try {
        text = readFileSync(this.path(generation), 'utf8');
      } catch (error) {
        // Between the listing and the reading, newer generations came and this one was cleared away.
        if (isErrno(error, 'ENOENT')) continue;
        throw error;
      }
      return { generation, state: this.parse(text, generation) };
    }
  }

  /**
   * Moves the register from `expected` (undefined: there is no guard yet) to `state`. Returns the new record when it is
   * durable, or undefined when another process moved it first. Rejects with the system's error when the disk fails: the
   * register may then have moved or not, and has to be read again.
   */
  async compareAndSwap(expected: GuardRecord | undefined, state: GuardState): Promise<GuardRecord | undefined> {
    if (expected === undefined) {
      mkdirSync(this.directory, { recursive: true, mode: 0o700 });
      await syncFolder(dirname(this.directory));
    }
    const generation = (expected?.generation ?? 0) + 1;
    const temporary = join(this.directory, `${number(generation)}.${randomBytes(8).toString('hex')}.tmp`);
    await writeSynced(temporary, formatState(state));
    try {
      linkSync(temporary, this.path(generation));
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return undefined;
      throw error;
    } finally {
      unlinkIfThere(temporary);
    }
    // If this process slept through the life of generation n+1, its number was free again and the link succeeded.
    // Generations above it are then in the directory, and were before the link.
    const generations = this.generations();
    if (generations.at(-1)! > generation) {
      unlinkIfThere(this.path(generation));
      return undefined;
    }
    await this.sync();
    this.clear(generation);
    return { generation, state };
  }

  /** Makes what was read durable: another process may have linked it and died before its own sync. */
  sync(): Promise<void> {
    return syncFolder(this.directory);
  }

  private generations(): number[] {
    let names: string[];
    try {
      names = readdirSync(this.directory);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      throw error;
    }
    return names
      .flatMap((name) => FILE_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Removes the oldest generation, and now and then what processes that were killed while writing left. */
  private clear(newest: number): void {
    const upTo = newest - KEPT_GENERATIONS;
    if (newest % KEPT_GENERATIONS !== 0) {
      if (upTo > 0) unlinkIfThere(this.path(upTo));
      return;
    }
    for (const name of readdirSync(this.directory)) {
      if (/^\d{12}\./.test(name) && Number(name.slice(0, 12)) <= upTo) unlinkIfThere(join(this.directory, name));
    }
  }

  private path(generation: number): string {
    return join(this.directory, `${number(generation)}.json`);
  }

  private parse(text: string, generation: number): GuardState {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw new Error(`${this.path(generation)} is not JSON: the guard is damaged`, { cause });
    }
    const parsed = fileFormat.safeParse(json);
    if (!parsed.success) throw new Error(`${this.path(generation)} is not a guard: ${z.prettifyError(parsed.error)}`);
    const { id, origin, head, database } = parsed.data;
    const root = hexDecode(head.root);
    if (!root.ok) throw new Error(`${this.path(generation)}: ${root.detail}`);
    return { id, origin, head: { ...head, root: root.value }, database };
  }
}

function formatState({ id, origin, head, database }: GuardState): string {
  const root = hexEncode(head.root);
  return `${JSON.stringify({ type: 'assent/guard/v1', id, origin, head: { ...head, root }, database })}\n`;
}

const datasyncFile = promisify(fdatasync);
const syncFile = promisify(fsync);

async function writeSynced(path: string, text: string): Promise<void> {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    await datasyncFile(file);
  } finally {
    closeSync(file);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = openSync(path, 'r');
  try {
    await syncFile(folder);
  } finally {
    closeSync(folder);
  }
}

function number(generation: number): string {
  return generation.toString().padStart(12, '0');
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
