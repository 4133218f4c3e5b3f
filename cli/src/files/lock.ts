import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { CommandFailure } from '../failure.ts';
import { fileFailure } from './file-failure.ts';
import { Holder, type HolderOptions } from './holder.ts';

export type Lock = {
  /** Throws CommandFailure `in_use` if a process of another machine has taken it over: before each write that has to be the only one. */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
};

type KernelLock = Pick<Lock, 'release'>;

/** open(2) of macOS and the BSDs: take the lock with the file, or fail at once. Node.js has no names for these flags. */
const O_EXLOCK = 0x20;
const O_NONBLOCK = 0x4;

/**
 * Keeps a second process away from a file or a folder: whoever comes second fails with `in_use`.
 *
 * The lock must not outlive its holder, even after kill -9, and must not be taken from one that is only slow: so the kernel holds
 * it. A file with a pid in it would be neither, as pids are used again and stale files need someone to judge them. On Linux it is
 * an abstract unix socket, named after device and inode of the folder, so that two paths to one folder are one lock; on Windows a
 * named pipe; elsewhere an open file with O_EXLOCK. It holds within one machine, and on Linux within one network namespace. Against
 * containers and hosts that share a folder there is a file beside it ({@link Holder}).
 *
 * @param target need not be there; its folder has to be
 */
export async function lock(target: string, options?: HolderOptions): Promise<Lock> {
  let real: string;
  let kernel: KernelLock | undefined;
  try {
    real = await resolved(target);
    kernel = process.platform === 'linux' || process.platform === 'win32' ? await listenOn(real) : await lockFile(real);
  } catch (error) {
    throw fileFailure('file_unwritable', 'lock', target, error);
  }
  if (kernel === undefined) {
    throw new CommandFailure(
      'in_use',
      `${target} is in use by another assent process: wait until it has ended, or stop it`,
    );
  }
  const { release } = kernel;
  try {
    const holder = await Holder.take(real, options);
    return { assertHeld: () => holder.assertHeld(), release: () => holder.release().finally(release) };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The file behind symbolic links, else the name in the folder behind them. */
async function resolved(target: string): Promise<string> {
  const absolute = path.resolve(target);
  try {
    return await realpath(absolute);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return path.join(await realpath(path.dirname(absolute)), path.basename(absolute));
  }
}

async function listenOn(target: string): Promise<KernelLock | undefined> {
  const { dev, ino } = await stat(path.dirname(target), { bigint: true });
  const name = createHash('sha256').update(path.basename(target)).digest('hex').slice(0, 32);
  const place = process.platform === 'win32' ? '\\\\.\\pipe\\' : '\0';
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (hasCode(error, 'EADDRINUSE') ? resolve(undefined) : reject(error)));
    server.listen(`${place}assent-${dev}-${ino}-${name}`, () => {
      // A lock alone keeps no process alive.
      server.unref();
      resolve({ release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

async function lockFile(target: string): Promise<KernelLock | undefined> {
  let handle: FileHandle;
  try {
    const flags = constants.O_RDWR | constants.O_CREAT | O_EXLOCK | O_NONBLOCK;
    handle = await open(path.join(path.dirname(target), `.${path.basename(target)}.lock`), flags, 0o600);
  } catch (error) {
    if (hasCode(error, 'EAGAIN')) return undefined;
    throw error;
  }
  return { release: () => handle.close() };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
