/** A thread that judges bundles, one after the other. Started by worker-pool.ts. */
import { MessageChannel, parentPort, workerData } from 'node:worker_threads';
import type { BundleJob, BundleVerdict, JudgeSettings } from './bundle-job.ts';
import { BundleJudge } from './bundle-judge.ts';

export type WorkerAnswer =
  | { readonly id: number; readonly verdict: BundleVerdict }
  | { readonly id: number; readonly defect: string };

/** From here on memory is given back at once. The garbage collector would let a dozen bundles of 16 MB come together first. */
const LARGE = 1024 * 1024;

const port = parentPort!;
/** Nobody is at its other end: what is transferred there is freed. */
const { port1: nowhere, port2 } = new MessageChannel();
port2.close();

const judge = new BundleJudge(workerData as JudgeSettings);
let last: Promise<void> = Promise.resolve();

async function answer(id: number, job: BundleJob): Promise<void> {
  try {
    const verdict = await judge.judge(job);
    const { statements, identities, leaves } = verdict;
    const transferred = [statements, identities, ...(leaves ? [leaves] : [])].map(
      (bytes) => bytes.buffer as ArrayBuffer,
    );
    port.postMessage({ id, verdict } satisfies WorkerAnswer, transferred);
    if (job.bytes.length > LARGE) letGo(job.bytes);
  } catch (error) {
    const defect = error instanceof Error ? (error.stack ?? error.message) : String(error);
    port.postMessage({ id, defect } satisfies WorkerAnswer);
  }
}

function letGo({ buffer }: Uint8Array): void {
  nowhere.postMessage(undefined, [buffer as ArrayBuffer]);
}

// One at a time: two at once would only mix their garbage.
port.on('message', ({ id, job }: { readonly id: number; readonly job: BundleJob }) => {
  last = last.then(() => answer(id, job));
});
