/** `assent witness`, the built program, as a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../cli/bin/assent.js', import.meta.url));
const START_LIMIT_MS = 60_000;

export type WitnessHome = {
  readonly folder: string;
  readonly keyFile: string;
  readonly stateFolder: string;
  readonly vkey: string;
  /** The list of logs, each with vkey and, if it is another than the key's name, origin. Read at the start and on SIGHUP. */
  listLogs(logs: readonly { readonly vkey: string; readonly origin?: string }[]): void;
  /** Makes what runs read the list anew. */
  reload(): void;
  /** With more arguments. Resolves when it listens; rejects with what it said when it ends before. */
  start(...more: readonly string[]): Promise<WitnessProcess>;
  /** The arguments that `start` gives it. */
  readonly arguments: readonly string[];
  /** Kills what still runs, and removes all. */
  remove(): Promise<void>;
};

export type WitnessProcess = {
  readonly url: string;
  readonly pid: number;
  /** What it has printed on standard error. */
  said(): string;
  /** Sends a signal. */
  signal(name: NodeJS.Signals): void;
  /** Resolves with its exit code, null when a signal ended it. */
  readonly ended: Promise<number | null>;
};

/** A witness that was given its key and its empty state, and has not been started. @param parent of its folder. */
export function createWitnessHome(name: string, parent = tmpdir()): WitnessHome {
  const folder = mkdtempSync(path.join(parent, 'assent-witness-'));
  const [keyFile, stateFolder, logsFile] = ['key.pem', 'state', 'logs'].map((each) => path.join(folder, each)) as [
    string,
    string,
    string,
  ];
  const run = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`assent ${args[0]} ended with ${status}: ${stderr}`);
    return stdout;
  };
  const vkey = run('keygen', '--witness', name, '-o', keyFile).trim();
  run('witness', 'init', '--key', keyFile, '--state', stateFolder);
  const args = ['witness', 'serve', '--key', keyFile, '--state', stateFolder, '--logs', logsFile];
  const running: WitnessProcess[] = [];
  const home: WitnessHome = {
    folder,
    keyFile,
    stateFolder,
    vkey,
    arguments: args,
    listLogs(logs) {
      const blocks = logs.map(
        (log) => `\nvkey ${log.vkey}\n${log.origin === undefined ? '' : `origin ${log.origin}\n`}`,
      );
      writeFileSync(logsFile, `logs/v0\n${blocks.join('')}`);
    },
    reload() {
      for (const each of running) each.signal('SIGHUP');
    },
    async start(...more) {
      const started = await startProgram([...args, '--listen', '127.0.0.1:0', ...more]);
      running.push(started);
      return started;
    },
    async remove() {
      for (const each of running) each.signal('SIGKILL');
      await Promise.all(running.map(({ ended }) => ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  home.listLogs([]);
  return home;
}

async function startProgram(args: readonly string[]): Promise<WitnessProcess> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the witness did not start (${why}); it said: ${said}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('time is up');
    }, START_LIMIT_MS);
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /listens on (http\S+)\n/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
    void ended.then((code) => {
      clearTimeout(timer);
      fail(`exit code ${code}`);
    });
  });
  return { url, pid: child.pid!, said: () => said, signal: (name) => void child.kill(name), ended };
}
