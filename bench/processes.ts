import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadResult } from './load.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TEMPORARY = join(ROOT, 'bench/tmp');

export type BenchServer = {
  readonly port: number;
  readonly origin: string;
  readonly apiKey: string;
  readonly dataDir: string;
  /** Resident memory of the server process, without Postgres, in MB: the most since it started. */
  peakMemory(): number;
  stop(): Promise<void>;
};

/** The built server as `npm start` runs it, on a new data directory with the embedded database. */
export async function startServer(): Promise<BenchServer> {
  mkdirSync(TEMPORARY, { recursive: true });
  const dataDir = mkdtempSync(join(TEMPORARY, 'log-'));
  const origin = 'bench.localhost/log';
  const args = ['serve', '--port', '0', '--data-dir', dataDir, '--origin', origin];
  const child = spawn(process.execPath, [join(ROOT, 'log-server/bin/assent-log.js'), ...args], {
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
  return {
    port,
    origin,
    apiKey,
    dataDir,
    peakMemory: () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
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

/**
 * Runs the load generator in a process of its own, and returns what it measured. Node 20 now and then deadlocks while a
 * process loads its module hooks, so one that has not answered in time is started once more.
 */
export async function load(order: LoadOrder, attempts = 2): Promise<LoadResult> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=assent-source', join(ROOT, 'bench/load.ts'), JSON.stringify(order)],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LOAD_TIMEOUT_MS);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  if (code === null && output === '' && attempts > 1) {
    process.stderr.write('the load generator did not start: once more\n');
    return load(order, attempts - 1);
  }
  if (code !== 0) throw new Error(`the load generator ended with ${code}`);
  return JSON.parse(output) as LoadResult;
}
