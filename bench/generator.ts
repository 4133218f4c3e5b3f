import type { LoadResult, SendOrder, Unwatched } from './load-result.ts';
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
  const { watched = [], requests } = order;
  const before = processorMicroseconds(watched);
  const result = together(await Promise.all(divided(order).map(sendToOne)));
  return { ...result, watchedCost: (processorMicroseconds(watched) - before) / requests.length };
}

function sendToOne(order: SendOrder): Promise<Unwatched> {
  return wrk === undefined || order.rate !== undefined ? sendWithOwnClient(order) : sendWithWrk(order);
}

/** For each server its share. */
function divided(order: SendOrder): readonly SendOrder[] {
  const { port, otherPorts = [], connections, requests, rate } = order;
  const ports = [port, ...otherPorts];
  return ports.map((each, i) => ({
    port: each,
    connections: connections / ports.length,
    requests: requests.filter((_, at) => at % ports.length === i),
    ...(rate !== undefined && { rate: rate / ports.length }),
  }));
}

/** As one load: it took as long as the longest of them, and its latencies are the worst of theirs. */
function together(results: readonly Unwatched[]): Unwatched {
  const most = (of: (result: Unwatched) => number): number => Math.max(...results.map(of));
  const sum = (of: (result: Unwatched) => number): number => results.reduce((total, each) => total + of(each), 0);
  const seconds = most((each) => each.seconds);
  const answered = sum((each) => each.perSecond * each.seconds);
  return {
    seconds,
    perSecond: answered / seconds,
    p50: most((each) => each.p50),
    p99: most((each) => each.p99),
    max: most((each) => each.max),
    refused: sum((each) => each.refused),
    ownCost: sum((each) => each.ownCost * each.perSecond * each.seconds) / answered,
  };
}
