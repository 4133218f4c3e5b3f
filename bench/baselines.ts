import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { load, startEmptyServer } from './processes.ts';
import { median } from './statistics.ts';

/** What the machine itself can do in the same run, without which no figure below means anything. */
export type Baselines = {
  /** Median µs of writing 4 kB to an existing file and syncing its data. */
  readonly fsyncMicroseconds: number;
  /** ECDSA P-256 verifications a second by node:crypto on the thread pool, 64 at a time. */
  readonly p256PerSecond: number;
  /** Empty POSTs a second that hono answers, with the same load generator on the same machine. */
  readonly emptyPostsPerSecond: number;
};

export async function measureBaselines(folder: string): Promise<Baselines> {
  const empty = await startEmptyServer();
  const { perSecond } = await load({ port: empty.port, connections: 64, count: 40_000, work: { kind: 'empty' } });
  empty.stop();
  return {
    fsyncMicroseconds: measureFsync(folder),
    p256PerSecond: await measureP256(),
    emptyPostsPerSecond: perSecond,
  };
}

function measureFsync(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/fsync`;
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096, 1);
  writeSync(file, block, 0, block.length, 0);
  const samples = Array.from({ length: 200 }, () => {
    const start = performance.now();
    writeSync(file, block, 0, block.length, 0);
    fdatasyncSync(file);
    return (performance.now() - start) * 1000;
  });
  closeSync(file);
  rmSync(path);
  return median(samples);
}

export async function measureP256(): Promise<number> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const message = Buffer.alloc(200, 7);
  const signature = sign('sha256', message, privateKey);
  const count = 10_000;
  let left = count;
  const start = performance.now();
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      await new Promise<void>((resolve, reject) => {
        verify('sha256', message, publicKey, signature, (error, valid) => {
          if (error === null && valid) resolve();
          else reject(error ?? new Error('a good signature did not verify'));
        });
      });
    }
  };
  await Promise.all(Array.from({ length: 64 }, lane));
  return (count / (performance.now() - start)) * 1000;
}
