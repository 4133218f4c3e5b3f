import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresFailure, hasCode } from './failure.ts';

const WAIT_MS = 120_000;
const POLL_MS = 25;

/**
 * Runs `action` while no other process starts or stops the PostgreSQL of this data directory.
 *
 * The lock must not outlive its holder, even after kill -9, and must not be taken from one that is only slow: so the
 * kernel holds it. On Linux it is an abstract unix socket named after the directory's device and inode (two paths to one
 * directory are one lock); on macOS an open file with O_EXLOCK. A pid file would be neither: pids are used again.
 *
 * @throws {EmbeddedPostgresFailure} if it can't be had within two minutes
 */
export async function withStartLock<T>(dataDir: string, action: () => Promise<T>): Promise<T> {
  const tryLock = process.platform === 'linux' ? await abstractSocketLock(dataDir) : fileLock(dataDir);
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const release = await tryLock();
    if (release !== undefined) {
      try {
        return await action();
      } finally {
        await release();
      }
    }
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresFailure(
        `Another process has been starting or stopping the database in ${dataDir} for two minutes.`,
      );
    }
    await delay(POLL_MS);
  }
}

type TryLock = () => Promise<(() => Promise<void>) | undefined>;

async function abstractSocketLock(dataDir: string): Promise<TryLock> {
  const { dev, ino } = await stat(dataDir, { bigint: true });
  const name = `\0assent-postgres-${dev}-${ino}`;
  return () =>
    new Promise((resolve, reject) => {
      const server = createServer((socket) => socket.destroy());
      server.once('error', (error) => (hasCode(error, 'EADDRINUSE') ? resolve(undefined) : reject(error)));
      // Exclusive: the processes of one cluster would share the name, and each believe that it holds the lock.
      server.listen({ path: name, exclusive: true }, () =>
        resolve(() => new Promise((done) => server.close(() => done()))),
      );
    });
}

/** open(2) of macOS: take the lock with the file, or fail at once. Node.js has no names for these two flags. */
const O_EXLOCK = 0x20;
const O_NONBLOCK = 0x4;

function fileLock(dataDir: string): TryLock {
  return async () => {
    let handle: FileHandle;
    try {
      handle = await open(
        path.join(dataDir, 'start.lock'),
        constants.O_RDWR | constants.O_CREAT | O_EXLOCK | O_NONBLOCK,
        0o600,
      );
    } catch (error) {
      if (hasCode(error, 'EAGAIN')) return undefined;
      throw error;
    }
    return () => handle.close();
  };
}
