import { Problem } from './problems.ts';
import { within } from './within.ts';

/**
 * An append is answered in any case: a database that is stalled, not gone, would hold the caller for as long. Rejects
 * with a Problem `not_durable` after `ms`.
 */
export function inTime<T>(waiting: Promise<T>, ms: number, message: string): Promise<T> {
  return within(ms, waiting, () => new Problem('not_durable', message, { retryAfter: 2 }));
}
