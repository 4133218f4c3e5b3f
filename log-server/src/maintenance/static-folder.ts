import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../make-folder.ts';

/**
 * Files that a web server hands out while they are written: each appears whole, under its own name, or not at all. What
 * was written is durable after {@link sync}.
 */
export class StaticFolder {
  readonly root: string;
  private readonly written = new Set<string>();

  constructor(root: string) {
    this.root = path.resolve(root);
  }

  /** Undefined if there is no such file. */
  async read(name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(path.join(this.root, name));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** The names in a folder; none if it is absent. */
  async list(name = '.'): Promise<string[]> {
    try {
      return (await readdir(path.join(this.root, name))).filter((entry) => !entry.startsWith('.'));
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  /** For everyone to read. The file system's error if it can't be written. */
  async write(name: string, content: Uint8Array | string): Promise<void> {
    const file = path.join(this.root, name);
    const folder = path.dirname(file);
    const made = makeFolder(folder, 0o755);
    for (let parent = folder; made !== undefined && parent.length >= path.dirname(made).length; ) {
      this.written.add(parent);
      parent = path.dirname(parent);
    }
    const unfinished = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
    const handle = await open(unfinished, 'wx', 0o644);
    try {
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    this.written.add(folder);
  }

  /** A file or a folder with all that is in it; nothing happens if it is absent. */
  async remove(name: string): Promise<void> {
    await rm(path.join(this.root, name), { recursive: true, force: true });
  }

  async sync(): Promise<void> {
    for (const folder of this.written) {
      const handle = await open(folder, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
    this.written.clear();
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
