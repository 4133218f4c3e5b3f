import type { Intent } from '@assent/verifier';
import type { Target } from './gate.ts';

const TIMEOUT_MS = 10_000;

/** A payment provider that takes an idempotency key, as most do. */
export function payments(url: string): Target {
  return {
    schema: null,
    repeatable: true,
    async dispatch({ action, connector, args }: Intent, key: string): Promise<string> {
      const response = await fetch(`${url}/refunds`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ action, connector, ...args }),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`the payment provider answered ${response.status}`);
      return await response.text();
    },
  };
}
