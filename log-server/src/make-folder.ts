import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and those above it that are missing; nothing if it is there. Node's own recursive mkdir never ends where a folder is
 * there and the system answers ENOENT for what is to be made in it, as in /proc.
 *
 * @returns the uppermost one that was made. Throws the file system's error.
 */
export function makeFolder(folder: string, mode: number): string | undefined {
  const missing: string[] = [];
  for (let at = path.resolve(folder); !existsSync(at); at = path.dirname(at)) missing.unshift(at);
  const made = missing.filter((each) => makeOne(each, mode));
  if (!statSync(folder).isDirectory()) {
    throw Object.assign(new Error(`${folder} cannot be made: there is a file of that name`), { code: 'ENOTDIR' });
  }
  return made[0];
}

/** Whether this call made it, and no other process meanwhile. */
function makeOne(folder: string, mode: number): boolean {
  try {
    mkdirSync(folder, { mode });
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return false;
    if (code !== 'ENOENT') throw error;
    throw Object.assign(new Error(`The folder ${folder} cannot be made there: choose another one.`), { code });
  }
}
