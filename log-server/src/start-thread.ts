import { setFlagsFromString } from 'node:v8';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * A thread within the limits of its options. A size of the young generation on the command line, which is meant for the
 * thread that serves, would be every thread's and go before their own limits; that one has it by the time it starts others.
 */
export function startThread(file: URL, options: WorkerOptions): Worker {
  setFlagsFromString('--max-semi-space-size=0');
  // Where every core has a thread that works, helpers that free what a collection found interrupt one and hold up the other.
  setFlagsFromString('--no-concurrent-array-buffer-sweeping');
  return new Worker(file, options);
}
