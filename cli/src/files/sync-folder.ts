import { open } from 'node:fs/promises';

/** Makes the names in a folder survive a crash of the machine: a file whose name is lost is lost. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and writes names through.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
