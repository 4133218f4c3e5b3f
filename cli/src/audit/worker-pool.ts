import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { WorkerAnswer } from './audit-worker.ts';
import type { BundleJob, BundleVerdict, JudgeSettings } from './bundle-job.ts';

/** Judges bundles, somewhere. */
export type BundlePool = {
  judge(job: BundleJob): Promise<BundleVerdict>;
  close(): Promise<void>;
};

type Waiting = { readonly resolve: (verdict: BundleVerdict) => void; readonly reject: (error: Error) => void };

/**
 * Memory of one thread, in MB: with a young generation of that size most of what judging makes dies young, and an audit stays within
 * 300 MB on 4 threads. A thread that needs more than this is a bug, and ends.
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 64 };

/** Threads that parse, hash and verify. */
export class WorkerPool implements BundlePool {
  readonly #threads: readonly Thread[];

  constructor(settings: JudgeSettings, threads: number) {
    // Every core has a thread that judges. One that collects its garbage would wait for helpers until another one is interrupted for them.
    setFlagsFromString('--no-parallel-scavenge');
    this.#threads = Array.from({ length: threads }, () => new Thread(settings));
  }

  judge(job: BundleJob): Promise<BundleVerdict> {
    return this.#threads.reduce((best, thread) => (thread.load < best.load ? thread : best)).judge(job);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #ended: Error | undefined;

  constructor(settings: JudgeSettings) {
    this.#worker = new Worker(new URL('./audit-worker.js', import.meta.url), {
      workerData: settings,
      resourceLimits: RESOURCE_LIMITS,
    });
    this.#worker.on('message', (answer: WorkerAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('verdict' in answer) waiting?.resolve(answer.verdict);
      else waiting?.reject(new Error(`a thread of the audit failed: ${answer.defect}`));
    });
    this.#worker.on('error', (error: Error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('a thread of the audit ended')));
  }

  get load(): number {
    return this.#waiting.size;
  }

  judge(job: BundleJob): Promise<BundleVerdict> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#next++;
    const transferred = [job.bytes, job.lengths].map(({ buffer }) => buffer as ArrayBuffer);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, job }, transferred);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
