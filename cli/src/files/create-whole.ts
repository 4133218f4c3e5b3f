import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileFailure } from './file-failure.ts';
import { syncFolder } from './sync-folder.ts';

/**
 * Makes a file that only its owner can read, and returns when it would survive a crash of the machine: its bytes and its
 * name are synced. It appears whole or not at all, and never in the place of another.
 *
 * @returns false if there is a file of that name
 */
export async function createWhole(target: string, text: string): Promise<boolean> {
  const folder = path.dirname(target);
  const temporary = path.join(folder, `.${path.basename(target)}.${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike rename(2), link(2) fails where the name is taken.
    await link(temporary, target);
    await syncFolder(folder);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw fileFailure('file_unwritable', 'write', target, error);
  } finally {
    await rm(temporary, { force: true });
  }
}
