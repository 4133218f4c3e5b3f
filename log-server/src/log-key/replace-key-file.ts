import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';

export type Replaced = {
  /** Whether the old file's bytes were overwritten where they lay. They were not where another name leads to them. */
  readonly overwritten: boolean;
};

/**
 * Puts new content in a key file's place, in one step: after a crash the file is the old one or the new one, whole.
 * (Written beside it, synced, read back by `check`, renamed, folder synced.) The owner stays.
 *
 * Then the old bytes are overwritten. That is the best that can be done and no promise: a journal, a snapshot, a backup or
 * the spare cells of an SSD may keep them.
 *
 * @param check throws if what was written is not what it should be; the old file then stays
 */
export async function replaceKeyFile(
  link: string,
  content: string,
  check: (written: string) => Promise<void>,
): Promise<Replaced> {
  const file = await realpath(link);
  const folder = path.dirname(file);
  const unfinished = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
  const old = await open(file, 'r+');
  try {
    const before = await old.stat();
    try {
      const handle = await open(unfinished, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
      try {
        await handle.writeFile(content);
        const { uid, gid } = await handle.stat();
        if (uid !== before.uid || gid !== before.gid) await handle.chown(before.uid, before.gid);
        await handle.sync();
        await check(await readFrom(handle));
      } finally {
        await handle.close();
      }
      await rename(unfinished, file);
    } finally {
      await rm(unfinished, { force: true });
    }
    await syncFolder(folder);
    // Another name for the same bytes is somebody's copy: not ours to destroy.
    if (before.nlink > 1) return { overwritten: false };
    await old.write(Buffer.alloc(before.size), 0, before.size, 0);
    await old.sync();
    return { overwritten: true };
  } finally {
    await old.close();
  }
}

async function readFrom(handle: FileHandle): Promise<string> {
  const { size } = await handle.stat();
  const { buffer } = await handle.read(Buffer.alloc(size), 0, size, 0);
  return buffer.toString('utf8');
}

async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
