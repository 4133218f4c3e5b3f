import { readGrowth } from '../shared/growth.ts';
import { fetchServedLog } from '../shared/served-log.ts';
import type { AskedLog } from './compare-visit.ts';

/** This page's own log. */
export const askedLog: AskedLog = {
  served: fetchServedLog,
  checkpoint: async () => {
    const response = await ask('/checkpoint');
    return response?.ok === true ? response.text() : undefined;
  },
  consistency: async (from) => {
    const response = await ask(`/api/v1/proofs/consistency?from=${from}`);
    if (response?.status === 404) return 'smaller';
    return response?.ok === true ? readGrowth(await response.json().catch(notJson)) : undefined;
  },
};

/** Undefined where the log cannot be reached. */
async function ask(path: string): Promise<Response | undefined> {
  try {
    return await fetch(path, { cache: 'no-store' });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function notJson(error: unknown): undefined {
  if (error instanceof SyntaxError || error instanceof TypeError) return undefined; // cut short, or no JSON
  throw error;
}
