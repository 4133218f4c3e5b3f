import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Facts by name, each a file that is written once: whole, durable before `record` resolves, and never changed. A crash leaves
 * a fact there or not there, and of two processes that record the same fact one is told that it was not the first.
 */
export class Facts {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether this call recorded it; false if it was there. */
  async record(name: string, value: unknown): Promise<boolean> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#path(name);
    const unfinished = `${path}.${randomUUID()}`;
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(value));
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      // Unlike a rename, a link does not replace what is there.
      await link(unfinished, path);
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(unfinished);
    }
    const folder = await open(this.#folder, 'r');
    await folder.sync().finally(() => folder.close());
    return true;
  }

  /** Of the type with which it was recorded. */
  async read<T>(name: string): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(this.#path(name), 'utf8')) as T;
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** The names that end like this, without that end. */
  async names(end: string): Promise<readonly string[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const files = await readdir(this.#folder);
    return files.filter((file) => file.endsWith(`${end}.json`)).map((file) => file.slice(0, -`${end}.json`.length));
  }

  #path(name: string): string {
    if (!/^[a-z0-9.-]{1,100}$/.test(name)) throw new RangeError('name: not a name of a fact');
    return join(this.#folder, `${name}.json`);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
