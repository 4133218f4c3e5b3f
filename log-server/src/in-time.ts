import { Problem } from './problems.ts';

/**
 * An append is answered in any case: a database that is stalled, not gone, would hold the caller for as long. Rejects
 * with a Problem `not_durable` after `ms`.
 */
export async function inTime<T>(waiting: Promise<T>, ms: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Problem('not_durable', message, { retryAfter: 2 })), ms);
  });
  try {
    return await Promise.race([waiting, late]);
  } finally {
    clearTimeout(timer);
  }
}
