import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FillOrder } from './fill.ts';
import type { LoadResult } from './load-result.ts';
import { makeDataDir, ORIGIN, runScript, startServer } from './processes.ts';
import type { ReadOrder } from './read-load.ts';

const FILL_TIMEOUT_MS = 30 * 60_000;
const READ_TIMEOUT_MS = 120_000;

/**
 * A log of this size that is not running: its data directory. A server made it, and `fill.ts` filled it; where BENCH_LOGS names a
 * folder, once and for all, and this is a copy.
 */
export async function makeFilledLog(size: number, entries: FillOrder['entries']): Promise<string> {
  const { BENCH_LOGS: folder = '' } = process.env;
  if (folder === '') return fill(size, entries);
  const kept = join(folder, `${entries}-${size}`);
  if (!existsSync(kept)) {
    const filled = await fill(size, entries);
    const unfinished = `${kept}.unfinished`;
    mkdirSync(folder, { recursive: true });
    rmSync(unfinished, { recursive: true, force: true });
    execFileSync('cp', ['-a', filled, unfinished]);
    renameSync(unfinished, kept);
    return filled;
  }
  const dataDir = makeDataDir();
  rmSync(dataDir, { recursive: true, force: true });
  // With owners and times: the database's files are not everybody's.
  execFileSync('cp', ['-a', kept, dataDir]);
  return dataDir;
}

async function fill(size: number, entries: FillOrder['entries']): Promise<string> {
  const dataDir = makeDataDir();
  // Makes the log's key, its guard and its first API key, and ends orderly.
  await (await startServer(dataDir)).stop();
  const order: FillOrder = { dataDir, origin: ORIGIN, size, entries };
  await runScript('fill.ts', order, FILL_TIMEOUT_MS);
  return dataDir;
}

/** Appends to a log of which a server is running. */
export async function growBeside(dataDir: string, size: number): Promise<void> {
  const order: FillOrder = { dataDir, origin: ORIGIN, size, entries: 'blind', beside: true };
  await runScript('fill.ts', order, FILL_TIMEOUT_MS);
}

/** Reads at random places. Throws an Error if anything was refused. */
export async function readRandomly(order: ReadOrder): Promise<LoadResult> {
  const result = JSON.parse(await runScript('read-load.ts', order, READ_TIMEOUT_MS)) as LoadResult;
  if (result.refused > 0) throw new Error(`${result.refused} of ${order.count} reads were refused`);
  return result;
}
