import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { childrenOf, commandLine } from '../test-support/src/fault/postgres-process.ts';
import type { LoadOrder } from './load.ts';
import type { LoadResult } from './load-result.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Everything that a benchmark leaves on disk while it runs. */
export const TEMPORARY = join(ROOT, 'bench/tmp');

export type BenchServer = {
  readonly port: number;
  readonly origin: string;
  readonly apiKey: string;
  readonly dataDir: string;
  readonly pid: number;
  /** Makes an API key that may append blind commitments, and returns it. */
  addBlindKey(): string;
  /** Resident memory of a server process, without Postgres, in MB: the most since it started; of several, of the largest. */
  peakMemory(): number;
  stop(): Promise<void>;
};

const PROGRAM = join(ROOT, 'log-server/bin/assent-log.js');
/** As in package.json's `start`. */
const NODE_FLAGS = ['--max-semi-space-size=32'];

/** Of every log here. */
export const ORIGIN = 'bench.localhost/log';

export function makeDataDir(): string {
  mkdirSync(TEMPORARY, { recursive: true });
  return mkdtempSync(join(TEMPORARY, 'log-'));
}

/**
 * The built server as `npm start` runs it, with the embedded database: on a new data directory, which goes with it, or on
 * one that stays. Several processes share its port.
 */
export async function startServer(kept?: string, processes = 1): Promise<BenchServer> {
  const dataDir = kept ?? makeDataDir();
  const origin = ORIGIN;
  const args = ['serve', '--port', '0', '--data-dir', dataDir, '--origin', origin, '--processes', String(processes)];
  const child = spawn(process.execPath, [...NODE_FLAGS, PROGRAM, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const match = /log +http:\/\/localhost:(\d+)\//.exec(said);
      if (match) resolve(Number(match[1]));
    });
    exited.then(() => reject(new Error(`the server ended: ${said}`)));
  });
  const apiKey = readFileSync(join(dataDir, 'first-api-key'), 'utf8').trim();
  const servers = processes === 1 ? [child.pid!] : await startedBy(child.pid!, processes);
  return {
    port,
    origin,
    apiKey,
    dataDir,
    pid: child.pid!,
    addBlindKey: () => {
      const terms = ['--name', 'bench', '--service', '*', '--blind', '--data-dir', dataDir];
      const said = execFileSync(process.execPath, [PROGRAM, 'keys', 'add', ...terms], { encoding: 'utf8' });
      const key = /assent_[0-9a-f]{8}_[A-Za-z0-9_-]{43}/.exec(said)?.[0];
      if (key === undefined) throw new Error('"keys add" printed no key');
      return key;
    },
    peakMemory: () => Math.max(...servers.map(peakMemoryOf)),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      if (kept === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The servers that one process runs on its port, as soon as there are so many. */
async function startedBy(pid: number, count: number): Promise<number[]> {
  for (;;) {
    const found = childrenOf(pid).filter((child) => commandLine(child).includes(' serve '));
    if (found.length === count) return found;
    await delay(20);
  }
}

function peakMemoryOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

/** A server that answers every POST with nothing: what HTTP itself costs here. */
export async function startEmptyServer(): Promise<{ port: number; stop(): void }> {
  const code = `import { serve } from '@hono/node-server'; import { Hono } from 'hono';
    const server = serve({ fetch: new Hono().post('/', (c) => c.body('ok', 200, { 'Content-Length': '2' })).fetch, port: 0 }, ({ port }) => console.log(port));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: join(ROOT, 'log-server') });
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (chunk) => resolve(Number(chunk))));
  return { port, stop: () => child.kill() };
}

/** How long the generator may take to load and to make its records, and how long to send them, in ms. */
const LOAD_TIMEOUT_MS = 90_000;

/** Runs the load generator, and returns what it measured. */
export async function load(order: LoadOrder): Promise<LoadResult> {
  return JSON.parse(await runScript('load.ts', order, LOAD_TIMEOUT_MS)) as LoadResult;
}

/** Runs one of the programs here in a process of its own with its order, and returns what it printed. */
export async function runScript(name: string, order: object, timeoutMs: number): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=assent-source', join(ROOT, 'bench', name), JSON.stringify(order)],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  if (code !== 0)
    throw new Error(`${name} ${code === null ? `was killed (it may take ${timeoutMs} ms)` : `ended with ${code}`}`);
  return output;
}

/** The same of requests none of which may be refused. */
export async function loadWithoutRefusals(order: LoadOrder): Promise<LoadResult> {
  const result = await load(order);
  if (result.refused > 0) throw new Error(`${result.refused} requests were refused`);
  return result;
}
