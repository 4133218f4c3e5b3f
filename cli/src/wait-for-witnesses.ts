import { setTimeout as sleep } from 'node:timers/promises';
import { verifyReceipt } from '@assent/verifier';
import type { LogClient } from './http/log-client.ts';
import type { Pinned } from './pinned.ts';
import { primitives } from './primitives.ts';
import type { Reference } from './reference.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export type Waited = {
  readonly unverifiedReceipt: Uint8Array;
  /** The quorum of the pinned policy had not cosigned when the time was up. */
  readonly late: boolean;
};

/**
 * Asks for a receipt again and again until the quorum of the pinned policy has cosigned it, or `limitMs` are over. A receipt
 * that does not hold ends it too: whoever checks it says why.
 */
export async function waitForWitnesses(
  client: LogClient,
  reference: Reference,
  pinned: Pinned,
  limitMs: number,
): Promise<Waited> {
  const until = performance.now() + limitMs;
  for (let attempt = 1; ; attempt++) {
    const unverifiedReceipt = await client.receipt(reference);
    const { verdict, checks } = await verifyReceipt(unverifiedReceipt, { ...pinned, primitives });
    const isWitnessed = checks.some(({ id, status }) => id === 'witnesses' && status === 'pass');
    if (isWitnessed || verdict === 'invalid') return { unverifiedReceipt, late: false };
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * attempt);
    if (performance.now() + pause > until) return { unverifiedReceipt, late: true };
    await sleep(pause);
  }
}
