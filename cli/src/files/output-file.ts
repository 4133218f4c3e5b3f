import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure } from '../failure.ts';
import { fileFailure } from './file-failure.ts';

/** Elsewhere that is standard output; a file of that name would be found by chance, if at all. */
export function refuseDash(target: string): void {
  if (target !== '-') return;
  throw new CommandFailure(
    'usage',
    '"-" is no file to write to: without -o it goes to standard output, where that can be; a file of that name is ./-',
  );
}

/**
 * The file of `-o`. It is opened before anything is asked of a log, so that a typing error in its name shows before an entry
 * is made, and it appears under its name only when it is whole.
 */
export class OutputFile {
  readonly #target: string;
  readonly #temporary: string | undefined;
  readonly #file: FileHandle;

  private constructor(target: string, temporary: string | undefined, file: FileHandle) {
    this.#target = target;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** @param mode of the file, where there is none yet or one is replaced */
  static async prepare(target: string, mode = 0o666): Promise<OutputFile> {
    refuseDash(target);
    try {
      const existing = await stat(target).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      // A pipe or a device keeps its place. A folder fails here, as it should.
      if (existing !== undefined && !existing.isFile())
        return new OutputFile(target, undefined, await open(target, 'w'));
      const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString('hex')}`);
      return new OutputFile(target, temporary, await open(temporary, 'wx', mode));
    } catch (error) {
      throw fileFailure('file_unwritable', 'write', target, error);
    }
  }

  async commit(content: string | Uint8Array): Promise<void> {
    try {
      await this.#file.writeFile(content);
      if (this.#temporary !== undefined) await this.#file.sync();
      await this.#file.close();
      if (this.#temporary !== undefined) await rename(this.#temporary, this.#target);
    } catch (error) {
      await this.discard();
      throw fileFailure('file_unwritable', 'write', this.#target, error);
    }
  }

  async discard(): Promise<void> {
    // A second close of a handle resolves; that it failed before is what the caller reports.
    await this.#file.close().catch(() => undefined);
    if (this.#temporary !== undefined) await rm(this.#temporary, { force: true });
  }
}
