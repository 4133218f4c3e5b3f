import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/assent-log.js', import.meta.url));
const START_MS = 60_000;

export type BuiltServer = {
  /** `http://localhost:<port>`, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** A key that may append for every service. */
  readonly apiKey: string;
  /** Ends it as an operator would, and removes its data. */
  stop(): Promise<void>;
};

/** The built program as a user starts it, with an embedded database of its own, on a free port. */
export async function startBuiltServer(origin: string): Promise<BuiltServer> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-pages-'));
  const program = spawn(
    process.execPath,
    [PROGRAM, 'serve', '--port', '0', '--origin', origin, '--data-dir', join(folder, 'data')],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, NO_COLOR: '1' }, cwd: folder },
  );
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
  };
  program.stdout.on('data', collect);
  program.stderr.on('data', collect);

  const stop = async (): Promise<void> => {
    if (program.exitCode === null && program.signalCode === null) {
      program.kill('SIGTERM');
      await once(program, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_MS;
  for (;;) {
    const port = /http:\/\/localhost:([0-9]+)\//.exec(output)?.[1];
    const apiKey = /assent_[0-9a-f]{8}_[\w-]{43}/.exec(output)?.[0];
    if (port !== undefined && apiKey !== undefined) {
      return { url: `http://localhost:${port}`, port: Number(port), apiKey, stop };
    }
    if (program.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the built server did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
