import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** JSON documents by name, each in a file of its own. A crash leaves a document as it was or as it was to be. */
export class Store<T> {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(name: string): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(this.#path(name), 'utf8')) as T;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async write(name: string, value: T): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#path(name);
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(value));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    const folder = await open(this.#folder, 'r');
    await folder.sync().finally(() => folder.close());
  }

  async names(): Promise<readonly string[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const files = await readdir(this.#folder);
    return files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5));
  }

  #path(name: string): string {
    // Names come in requests: nothing but a name of ours becomes a path.
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) throw new RangeError('name: not a name of this store');
    return join(this.#folder, `${name}.json`);
  }
}
