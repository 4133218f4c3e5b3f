/**
 * A process of its own that examines records as the built program does, kills the thread that does it, and prints what
 * came of it as JSON. What it examines comes on stdin. (A thread that vitest starts would look for sources, and a thread needs built files.)
 */
import { readFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import type { Examined } from '../../src/admission/examined.ts';
import type { Problem } from '../../src/problems.ts';

const { origin, submission } = JSON.parse(readFileSync(0, 'utf8'));
const built = new URL('../../dist/admission/worker-admission.js', import.meta.url).href;
const { WorkerAdmission } = (await import(built)) as typeof import('../../src/admission/worker-admission.ts');
const admission = new WorkerAdmission({ origin, payloads: 'any' }, pino({ level: 'silent' }), 1);

const body = new TextEncoder().encode(JSON.stringify(submission));
const inWords = (result: Examined | Problem): string =>
  'code' in result ? `${result.code}, ${result.extras.retryAfter}: ${result.message}` : result.kind;
const examine = (): Promise<string> => admission.examine(body, { services: ['*'] }).then(inWords, inWords);
/** As many as need several messages to the thread. */
const examineAll = async (): Promise<string[]> =>
  (
    await admission.examineAll(
      Array.from({ length: 200 }, () => body),
      { services: ['*'] },
    )
  ).map(inWords);
/** As a thread ends that ran out of memory: without a word. */
const kill = async (): Promise<void> => {
  const { pool } = admission as unknown as { pool: { worker: Worker | undefined }[] };
  await pool[0]!.worker!.terminate();
};
const restarted = async (): Promise<void> => {
  while (admission.depth.threads === 0) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** The contents that come back of bodies that are handed over together. */
const contents = async (): Promise<string[]> => {
  const examined = await admission.examineAll(
    Array.from({ length: 50 }, () => body),
    { services: ['*'] },
  );
  return examined.map((result) => ('content' in result ? Buffer.from(result.content).toString() : inWords(result)));
};

const before = await examine();
const kept = [...new Set(await contents())];
const rounds = [];
for (let round = 1; round <= 3; round++) {
  const underWay = Promise.all(Array.from({ length: 400 }, examine));
  const batch = examineAll();
  await new Promise((resolve) => setImmediate(resolve));
  await kill();
  const { threads } = admission.depth;
  const whileDead = await examine();
  const answers = [...new Set(await underWay)];
  const ofBatch = [...new Set(await batch)];
  const left = { records: admission.depth.records, bytes: admission.depth.bytes };
  await restarted();
  rounds.push({
    threads,
    whileDead,
    answers,
    ofBatch,
    left,
    after: await examine(),
    batchAfter: new Set(await examineAll()).size,
  });
}
await admission.close();
console.log(JSON.stringify({ before, kept, rounds }));
