import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitUntil } from './wait-until.ts';

/** The built program: what is killed in a fault test is what runs in production. */
const PROGRAM = fileURLToPath(new URL('../../../log-server/bin/assent-log.js', import.meta.url));
const START_MS = 60_000;
const STOP_MS = 60_000;
const KEPT_OUTPUT = 256 * 1024;

export type ServerOptions = {
  readonly dataDir: string;
  /** Absent: the embedded database in the data directory. */
  readonly databaseUrl?: string;
  readonly origin: string;
  /** The first API key of a new log. */
  readonly apiKey: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
};

export type ServerExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type ServerProcess = {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  /** What it has printed; the last 256 kB. */
  logs(): string;
  running(): boolean;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and waits until it is gone. An embedded PostgreSQL lives on. */
  kill9(): Promise<void>;
  /** SIGTERM, and waits until it has ended in order. */
  stop(): Promise<ServerExit>;
  exited(): Promise<ServerExit>;
};

/** Children that must not outlive this process, whatever ends it. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a server and waits until it serves, be it read-only. Rejects with what it printed when it ends instead. */
export async function startServerProcess(options: ServerOptions): Promise<ServerProcess> {
  const { dataDir, databaseUrl, origin, apiKey, port = 0, environment = {} } = options;
  const child = spawn(
    process.execPath,
    [PROGRAM, 'serve', '--port', String(port), '--origin', origin, '--data-dir', dataDir],
    {
      // Not where the tests run: a file .env there would be read.
      cwd: dataDir,
      env: {
        PATH: process.env.PATH,
        ASSENT_BOOTSTRAP_API_KEY: apiKey,
        ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  children.add(child);
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exit = once(child, 'exit').then(([code, signal]): ServerExit => {
    children.delete(child);
    return { code, signal };
  });
  const running = (): boolean => child.exitCode === null && child.signalCode === null;

  let listening: string | undefined;
  const find = (): boolean => {
    if (!running()) throw new Error(`the server ended with ${child.signalCode ?? child.exitCode} at start:\n${output}`);
    listening = /^\s+log\s+http:\/\/localhost:([0-9]+)\//m.exec(output)?.[1];
    return listening !== undefined;
  };
  await waitUntil('the server listens', find, START_MS).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  const kill9 = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
  };
  return {
    url: `http://127.0.0.1:${listening}`,
    pid: child.pid!,
    logs: () => output,
    running,
    signal: (name) => void child.kill(name),
    kill9,
    exited: () => exit,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      const ended = await exit;
      clearTimeout(timer);
      return ended;
    },
  };
}
