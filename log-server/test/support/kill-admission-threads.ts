/**
 * A process of its own that examines records as the built program does, kills the thread that does it, and prints what
 * came of it as JSON. What it examines comes on stdin. (A thread that vitest starts would look for sources, and a thread needs built files.)
 */
import { readFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import type { Problem } from '../../src/problems.ts';

const { origin, submission } = JSON.parse(readFileSync(0, 'utf8'));
const built = new URL('../../dist/admission/worker-admission.js', import.meta.url).href;
const { WorkerAdmission } = (await import(built)) as typeof import('../../src/admission/worker-admission.ts');
const admission = new WorkerAdmission({ origin, payloads: 'any' }, pino({ level: 'silent' }), 1);

const body = new TextEncoder().encode(JSON.stringify(submission));
const examine = (): Promise<string> =>
  admission.examine(body, { services: ['*'] }).then(
    ({ kind }) => kind,
    ({ code, message, extras }: Problem) => `${code}, ${extras.retryAfter}: ${message}`,
  );
/** As a thread ends that ran out of memory: without a word. */
const kill = async (): Promise<void> => {
  const { pool } = admission as unknown as { pool: { worker: Worker | undefined }[] };
  await pool[0]!.worker!.terminate();
};
const restarted = async (): Promise<void> => {
  while (admission.depth.threads === 0) await new Promise((resolve) => setTimeout(resolve, 5));
};

const before = await examine();
const rounds = [];
for (let round = 1; round <= 3; round++) {
  const underWay = Promise.all(Array.from({ length: 400 }, examine));
  await new Promise((resolve) => setImmediate(resolve));
  await kill();
  const { threads } = admission.depth;
  const whileDead = await examine();
  const answers = [...new Set(await underWay)];
  const left = { records: admission.depth.records, bytes: admission.depth.bytes };
  await restarted();
  rounds.push({ threads, whileDead, answers, left, after: await examine() });
}
await admission.close();
console.log(JSON.stringify({ before, rounds }));
