import type { LoadResult, SendOrder } from './load-result.ts';
import { sendWithOwnClient } from './own-client.ts';
import { processorMicroseconds } from './processor-time.ts';
import { sendWithWrk, wrkName } from './wrk.ts';

const wrk = wrkName();

/** Which program sends what has no rate. */
export const GENERATOR = wrk ?? 'own client';

/** What to tell whoever has none. */
export const ADVICE =
  wrk === undefined
    ? 'wrk is not installed, so the load generator is JavaScript and takes more of the processors: apt-get install wrk'
    : undefined;

/** Sends each request once. Rejects if one was not answered; what was refused is counted. */
export async function send(order: SendOrder): Promise<LoadResult> {
  const { watched = [], requests, rate } = order;
  const before = processorMicroseconds(watched);
  const sendAll = wrk === undefined || rate !== undefined ? sendWithOwnClient : sendWithWrk;
  const result = await sendAll(order);
  return { ...result, endedAt: Date.now(), watchedCost: (processorMicroseconds(watched) - before) / requests.length };
}
