import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure } from '../failure.ts';
import { fileFailure } from './file-failure.ts';

/**
 * Makes a folder and those above it that are missing; nothing if it is there. Node's own recursive mkdir never ends where a folder is
 * there and the system answers ENOENT for what is to be made in it: in /proc, or in a folder that was removed meanwhile.
 *
 * @returns the uppermost one that was made. Throws CommandFailure `file_unwritable`.
 */
export async function makeFolder(folder: string, mode: number): Promise<string | undefined> {
  try {
    return await makeWithParents(folder, mode);
  } catch (error) {
    throw error instanceof CommandFailure ? error : fileFailure('file_unwritable', 'make', folder, error);
  }
}

async function makeWithParents(folder: string, mode: number): Promise<string | undefined> {
  const made = await makeOne(folder, mode);
  if (made !== 'no parent') return made;
  const above = path.dirname(folder);
  const first = above === folder ? undefined : await makeWithParents(above, mode);
  if (first === undefined) {
    // The one above is there after all: somebody else made it, and maybe this one by now; or nothing can be made in it.
    const again = await makeOne(folder, mode);
    if (again === 'no parent') throw Object.assign(new Error('no folder can be made here'), { code: 'ENOENT' });
    return again;
  }
  await makeOne(folder, mode);
  return first;
}

/** Undefined if it is there already. */
async function makeOne(folder: string, mode: number): Promise<string | undefined | 'no parent'> {
  try {
    await mkdir(folder, { mode });
    return folder;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return 'no parent';
    if (code !== 'EEXIST') throw error;
    if ((await stat(folder)).isDirectory()) return undefined;
    throw new CommandFailure('file_unwritable', `cannot make the folder ${folder}: there is a file of that name`);
  }
}
