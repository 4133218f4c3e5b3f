import type { FillOrder } from './fill.ts';
import type { LoadResult } from './load-result.ts';
import { makeDataDir, ORIGIN, runScript, startServer } from './processes.ts';
import type { ReadOrder } from './read-load.ts';

const FILL_TIMEOUT_MS = 30 * 60_000;
const READ_TIMEOUT_MS = 120_000;

/** A log of this size that is not running: its data directory. A server made it, and `fill.ts` filled it. */
export async function makeFilledLog(size: number, entries: FillOrder['entries']): Promise<string> {
  const dataDir = makeDataDir();
  // Makes the log's key, its guard and its first API key, and ends orderly.
  await (await startServer(dataDir)).stop();
  const order: FillOrder = { dataDir, origin: ORIGIN, size, entries };
  await runScript('fill.ts', order, FILL_TIMEOUT_MS, 1);
  return dataDir;
}

/** Appends to a log of which a server is running. */
export async function growBeside(dataDir: string, size: number): Promise<void> {
  const order: FillOrder = { dataDir, origin: ORIGIN, size, entries: 'blind', beside: true };
  await runScript('fill.ts', order, FILL_TIMEOUT_MS, 1);
}

/** Reads at random places. Throws an Error if anything was refused. */
export async function readRandomly(order: ReadOrder): Promise<LoadResult> {
  const result = JSON.parse(await runScript('read-load.ts', order, READ_TIMEOUT_MS)) as LoadResult;
  if (result.refused > 0) throw new Error(`${result.refused} of ${order.count} reads were refused`);
  return result;
}
