import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../bin/assent.js', import.meta.url));

export type Run = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

/** Runs the built program (`npx tsc -b` first) without a terminal, and without what this shell's environment says. */
export function runAssent(args: readonly string[], { stdin, env = {}, cwd }: RunOptions = {}): Promise<Run> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: cwd ?? tmpdir(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) =>
      resolve({ exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

/** The same as a child that a test stops. `ended` is its exit code, or the name of the signal that ended it. */
export function startAssent(args: readonly string[]): {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string | null>;
  /** On standard error, so far. */
  said(): string;
} {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  return { child, ended, said: () => stderr };
}

/** What `--json` prints when a command fails, or the whole output otherwise. */
export function jsonOf({ stdout }: Run): Record<string, unknown> {
  return JSON.parse(stdout) as Record<string, unknown>;
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'assent-cli-test-'));
}

export { PROGRAM };
