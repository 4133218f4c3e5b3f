import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure } from '../failure.ts';
import { fileFailure } from '../files/file-failure.ts';
import { createLimit } from '../limit.ts';
import type { LogSourceOptions } from './log-source.ts';
import type { StaticFiles } from './static-files.ts';

/** The files of a copy of a log. Throws CommandFailure if there is no such folder. */
export async function folderFiles(
  folder: string,
  { concurrency, signal }: Pick<LogSourceOptions, 'concurrency' | 'signal'>,
): Promise<StaticFiles> {
  const found = await stat(folder).catch((error: unknown) => {
    throw fileFailure('file_unreadable', 'read', folder, error);
  });
  if (!found.isDirectory()) throw new CommandFailure('file_unreadable', `cannot read ${folder}: it is no folder`);
  const limited = createLimit(concurrency);
  return {
    name: folder,
    async read(name, maxBytes) {
      signal.throwIfAborted();
      const file = path.join(folder, name);
      try {
        return await limited(() => readWhole(file, maxBytes));
      } catch (error) {
        if (error instanceof CommandFailure) throw error;
        if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
          return 'absent';
        throw fileFailure('file_unreadable', 'read', file, error);
      }
    },
    close: async () => undefined,
  };
}

async function readWhole(file: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) {
      throw new CommandFailure(
        'file_malformed',
        `${file} has ${size} bytes, and no such file of a log has over ${maxBytes}`,
      );
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
