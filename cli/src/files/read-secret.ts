import { open } from 'node:fs/promises';
import { CommandFailure } from '../failure.ts';
import { fileFailure } from './file-failure.ts';

const LIMIT = 64 * 1024;

/**
 * A private key or an API key. Refuses a file that others on this machine can read: whoever could, may have.
 * What it holds never appears in a message.
 */
export async function readSecret(path: string, what: string): Promise<string> {
  let text: string;
  let mode: number;
  try {
    const file = await open(path, 'r');
    try {
      mode = (await file.stat()).mode;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LIMIT + 1), 0, LIMIT + 1, null);
      if (bytesRead > LIMIT) throw new CommandFailure('file_malformed', `${path} is too large to be ${what}`);
      text = buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw fileFailure('file_unreadable', 'read', path, error);
  }
  // Windows has no such modes and reports 0666 for every file.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    const message = `${path} holds ${what}, and others on this machine can read it (mode ${shown}): run chmod 600 ${path}`;
    throw new CommandFailure('file_unreadable', message);
  }
  return text;
}
