import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure } from '../failure.ts';
import { fileFailure } from '../files/file-failure.ts';
import { type Lock, lock } from '../files/lock.ts';
import { makeFolder } from '../files/make-folder.ts';
import { replaceWhole } from '../files/replace-whole.ts';
import { syncFolder } from '../files/sync-folder.ts';
import { folderFiles } from '../log-source/folder-files.ts';
import type { StaticFiles } from '../log-source/static-files.ts';
import { WITHHELD_FILE } from '../log-source/tiled-log.ts';

const OURS: ReadonlySet<string> = new Set(['checkpoint', 'tile', 'api', WITHHELD_FILE]);

/**
 * Files that a web server hands out while they are written, by one process at a time: each appears whole, under its own name, or
 * not at all. What was written is durable after {@link sync}. Every method throws CommandFailure.
 */
export class MirrorFolder {
  readonly path: string;
  readonly #files: StaticFiles;
  readonly #lock: Lock;
  readonly #made = new Map<string, Promise<void>>();
  readonly #touched = new Set<string>();

  private constructor(folder: string, files: StaticFiles, held: Lock) {
    this.path = folder;
    this.#files = files;
    this.#lock = held;
  }

  /** Makes the folder if there is none. Refuses one that holds something else. */
  static async open(folder: string, signal: AbortSignal, concurrency: number): Promise<MirrorFolder> {
    await makeFolder(folder, 0o777);
    const held = await lock(path.join(folder, 'checkpoint'), { signal });
    try {
      const names = await readdir(folder).catch((error: unknown) => {
        throw fileFailure('file_unreadable', 'read', folder, error);
      });
      const strange = names.find((name) => !OURS.has(name) && !name.startsWith('.'));
      if (strange !== undefined) {
        const message = `${folder} holds something else (${strange}): name an empty folder, or one that is a copy already`;
        throw new CommandFailure('file_exists', message);
      }
      return new MirrorFolder(folder, await folderFiles(folder, { signal, concurrency }), held);
    } catch (error) {
      await held.release();
      throw error;
    }
  }

  /** Undefined if there is no such file. */
  async read(name: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#files.read(name, maxBytes);
    return typeof bytes === 'string' ? undefined : bytes;
  }

  /** Writes what is not there already. */
  async put(name: string, content: Uint8Array | string): Promise<boolean> {
    const bytes = Buffer.from(content);
    const present = await this.#files.read(name, bytes.length).catch((error: unknown) => {
      // Longer than it should be: damaged, and written anew.
      if (error instanceof CommandFailure && error.kind === 'file_malformed') return 'absent';
      throw error;
    });
    if (typeof present !== 'string' && bytes.equals(present)) return false;
    const file = path.join(this.path, name);
    try {
      await this.#makeFolder(path.dirname(file));
      await replaceWhole(file, bytes, 0o644);
    } catch (error) {
      throw error instanceof CommandFailure ? error : fileFailure('file_unwritable', 'write', file, error);
    }
    this.#touched.add(path.dirname(file));
    return true;
  }

  /** A file, or a folder with all that is in it; nothing happens if it is absent. */
  async remove(name: string): Promise<void> {
    const target = path.join(this.path, name);
    await rm(target, { recursive: true, force: true }).catch((error: unknown) => {
      throw fileFailure('file_unwritable', 'remove', target, error);
    });
  }

  /** The names in a folder; none if it is absent. */
  async list(name: string): Promise<readonly string[]> {
    return readdir(path.join(this.path, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw fileFailure('file_unreadable', 'read', path.join(this.path, name), error);
    });
  }

  /** Throws `in_use` if another process has the folder by now. */
  async sync(): Promise<void> {
    await this.#lock.assertHeld();
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const folder of touched) {
      await syncFolder(folder).catch((error: unknown) => {
        throw fileFailure('file_unwritable', 'write', folder, error);
      });
    }
  }

  async close(): Promise<void> {
    await this.#files.close();
    await this.#lock.release();
  }

  /** Once each; the folders above a new one are to be synced as well. */
  #makeFolder(folder: string): Promise<void> {
    const known = this.#made.get(folder);
    if (known !== undefined) return known;
    const made = makeFolder(folder, 0o755).then((first) => {
      if (first === undefined) return;
      const above = path.dirname(path.resolve(first));
      for (let at = path.resolve(folder); at !== above; at = path.dirname(at)) this.#touched.add(at);
      this.#touched.add(above);
    });
    this.#made.set(folder, made);
    return made;
  }
}
