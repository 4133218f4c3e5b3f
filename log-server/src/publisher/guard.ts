import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
      const generation = (await this.generations()).at(-1);
      if (generation === undefined) return undefined;
      let text: string;
      try {
        text = await readFile(this.path(generation), 'utf8');
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
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      await syncFolder(dirname(this.directory));
    }
    const generation = (expected?.generation ?? 0) + 1;
    const temporary = join(this.directory, `${number(generation)}.${randomBytes(8).toString('hex')}.tmp`);
    await writeSynced(temporary, formatState(state));
    try {
      await link(temporary, this.path(generation));
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return undefined;
      throw error;
    } finally {
      await unlinkIfThere(temporary);
    }
    // If this process slept through the life of generation n+1, its number was free again and the link succeeded.
    // Generations above it are then in the directory, and were before the link.
    const generations = await this.generations();
    if (generations.at(-1)! > generation) {
      await unlinkIfThere(this.path(generation));
      return undefined;
    }
    await this.sync();
    await this.clear(generation - KEPT_GENERATIONS);
    return { generation, state };
  }

  /** Makes what was read durable: another process may have linked it and died before its own sync. */
  sync(): Promise<void> {
    return syncFolder(this.directory);
  }

  private async generations(): Promise<number[]> {
    let names: string[];
    try {
      names = await readdir(this.directory);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      throw error;
    }
    return names
      .flatMap((name) => FILE_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Removes old generations, and what processes that were killed while writing left. */
  private async clear(upTo: number): Promise<void> {
    for (const name of await readdir(this.directory)) {
      if (/^\d{12}\./.test(name) && Number(name.slice(0, 12)) <= upTo) await unlinkIfThere(join(this.directory, name));
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

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function number(generation: number): string {
  return generation.toString().padStart(12, '0');
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
