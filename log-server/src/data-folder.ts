import { randomBytes } from 'node:crypto';
import { chmodSync, realpathSync } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from './make-folder.ts';

/**
 * Makes the data directory if it is absent, and returns its real path. Root's lets others pass through (not list it),
 * whatever the umask: PostgreSQL runs as another user then. Every file in it has a mode of its own.
 */
export function makeDataFolder(folder: string): string {
  const made = makeFolder(folder, 0o700);
  if (made !== undefined && process.geteuid?.() === 0) chmodSync(folder, 0o711);
  return realpathSync(folder);
}

/**
 * Creates a file for its owner alone, whole and durable, unless it is there: a crash leaves no half of it, and of several
 * processes that try at once one wins. (Written under another name, synced, linked to its name, folder synced; a rename
 * would silently replace another process's file.)
 *
 * @returns whether this call made it
 */
export async function createFileOnce(file: string, content: string): Promise<boolean> {
  const folder = path.dirname(file);
  makeFolder(folder, 0o700);
  const unfinished = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
  const handle = await open(unfinished, 'wx', 0o600);
  try {
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(unfinished, file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return true;
}
