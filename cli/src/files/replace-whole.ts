import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file that is there whole, the old one or the new one, whenever the process or the machine stops. Its bytes are
 * synced; its name is after {@link syncFolder}.
 *
 * The temporary file has one name, so that what a killed process leaves is overwritten by the next: only one process at a time
 * may write here (`lock.ts`). Throws the file system's error, and then the old file is as it was.
 */
export async function replaceWhole(target: string, content: string | Uint8Array, mode: number): Promise<void> {
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.new`);
  try {
    const file = await open(temporary, 'w', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    // On a folder that can't be written there is nothing to remove, and that is not what went wrong.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
