import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTestDatabase } from '@assent/test-support';
import { temporaryFolder } from './run-assent.ts';

const SERVER = fileURLToPath(new URL('../../log-server/bin/assent-log.js', import.meta.url));
const START_LIMIT_MS = 50_000;

export type RunningLog = {
  readonly url: string;
  readonly origin: string;
  /** Holds the first API key, which may append for every service. */
  readonly apiKeyFile: string;
  readonly apiKey: string;
  /** Runs `assent-log` on its database and data directory, beside it; what it printed. Rejects if that fails. */
  operate(...args: readonly string[]): Promise<string>;
  /** Stops it as an operator would, and removes its database. */
  stop(): Promise<void>;
};

/** The built log server, as a process of its own on a database of its own. @param environment more settings */
export async function startLog(
  origin = 'log.example.com/approvals',
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningLog> {
  const database = await createTestDatabase();
  const dataDir = temporaryFolder();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: database.url };
  const child = spawn(process.execPath, [SERVER, 'serve', '--port', '0', '--origin', origin, '--data-dir', dataDir], {
    cwd: dataDir,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: database.url, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await database.drop();
  };
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const give = (reason: string) => reject(new Error(`the log did not start (${reason}); it said: ${said}`));
    const timer = setTimeout(() => give('time is up'), START_LIMIT_MS);
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const match = /^ {2}log +(http\S+)\/$/m.exec(said);
      if (match === null) return;
      clearTimeout(timer);
      resolve(match[1]!);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      give(`exit code ${code}`);
    });
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const operate = async (...args: readonly string[]): Promise<string> => {
    const all = [SERVER, ...args, '--data-dir', dataDir];
    return (await promisify(execFile)(process.execPath, all, { cwd: dataDir, env })).stdout;
  };
  const apiKeyFile = path.join(dataDir, 'first-api-key');
  return { url, origin, apiKeyFile, apiKey: readFileSync(apiKeyFile, 'utf8').trim(), operate, stop };
}
