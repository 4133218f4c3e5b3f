/**
 * Debian's wrk as load generator: C on one thread, which takes a fraction of what a client in JavaScript takes from the server
 * that shares its processors. Its percentiles are corrected for what a connection did not send while it waited.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SendOrder, Unwatched } from './load-result.ts';
import { TEMPORARY } from './processes.ts';
import { processorMicroseconds } from './processor-time.ts';

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));
/** Longer than any load here: it is stopped when everything was answered, and must not outlive a bench that was killed. */
const SECONDS = 120;
/** An answer that takes longer is a failure. */
const ANSWER_SECONDS = 20;

/** `wrk 4.1.0`, or undefined where it is not installed. */
export function wrkName(): string | undefined {
  const { error, stdout, stderr } = spawnSync('wrk', ['-v'], { encoding: 'utf8' });
  return error === undefined ? `wrk ${/\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? ''}`.trim() : undefined;
}

/** Sends each request once, and measures until the last answer. Throws an Error if one never came. */
export async function sendWithWrk({ port, connections, requests }: SendOrder): Promise<Unwatched> {
  mkdirSync(TEMPORARY, { recursive: true });
  const file = join(TEMPORARY, `requests-${process.pid}-${port}`);
  const lanes = Math.min(connections, requests.length);
  writeFileSync(file, Buffer.concat(requests.flatMap((each) => [lengthOf(each), each])));
  const limits = ['-d', `${SECONDS}s`, '--timeout', `${ANSWER_SECONDS}s`];
  const args = [...limits, '-t', '1', '-c', String(lanes), '-s', SCRIPT, `http://127.0.0.1:${port}/`];
  const child = spawn('wrk', [...args, '--', file, String(requests.length), String(lanes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  let processorTime = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (processorTime > 0 || !said.includes('answered\n')) return;
    processorTime = processorMicroseconds([child.pid!]);
    child.kill('SIGINT');
  });
  await new Promise((resolve) => child.once('close', resolve));
  rmSync(file);
  const report = /^\{.*\}$/m.exec(said);
  if (report === null) throw new Error(`wrk said: ${said}`);
  const { answered, failed, ...result } = JSON.parse(report[0]) as Report;
  if (failed > 0 || answered !== requests.length) {
    throw new Error(`${answered} of ${requests.length} requests were answered, and ${failed} failed`);
  }
  return { ...result, perSecond: answered / result.seconds, ownCost: processorTime / answered };
}

type Report = Pick<Unwatched, 'seconds' | 'p50' | 'p99' | 'max' | 'refused'> & {
  readonly answered: number;
  readonly failed: number;
};

function lengthOf(request: Buffer): Buffer {
  return Buffer.from(String(request.length).padStart(8, '0'));
}
