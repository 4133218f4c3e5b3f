import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MB = 2 ** 20;

/** A file system of its own, in memory, that can be filled. */
export type SmallDisk = {
  readonly folder: string;
  /** Writes a file until so many MB are left free; 0: until nothing is. */
  fillUpTo(freeMb: number): void;
  /** Removes that file. */
  makeRoom(): void;
  freeMb(): number;
  remove(): void;
};

/** Why there can be none here, for a test that has to be skipped; undefined where there can. */
export function whyNoSmallDisk(): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-disk-'));
  const { status, stderr, error } = mount(folder, 1);
  if (status === 0) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return status === 0 ? undefined : `no tmpfs can be mounted here: ${error?.message ?? stderr.trim()}`;
}

export function createSmallDisk(sizeMb: number): SmallDisk {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-disk-'));
  const { status, stderr } = mount(folder, sizeMb);
  if (status !== 0) throw new Error(`mount: ${stderr}`);
  const filler = path.join(folder, 'filler');
  const freeMb = (): number => {
    const { bavail, bsize } = statfsSync(folder);
    return (bavail * bsize) / MB;
  };
  return {
    folder,
    freeMb,
    fillUpTo(left) {
      const file = openSync(filler, 'a');
      try {
        for (const size of [MB, 4_096]) {
          const chunk = Buffer.alloc(size);
          while (freeMb() > left && writeOrFull(file, chunk));
        }
      } finally {
        closeSync(file);
      }
    },
    makeRoom: () => rmSync(filler, { force: true }),
    remove() {
      spawnSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

function mount(folder: string, sizeMb: number) {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=755`, 'tmpfs', folder], { encoding: 'utf8' });
}

function writeOrFull(file: number, chunk: Buffer): boolean {
  try {
    return writeSync(file, chunk) > 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}
