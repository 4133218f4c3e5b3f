import { createApproval, createServiceKey } from '@assent/test-support';
import type { Log } from '../../src/log.ts';
import { ORIGIN } from './test-log.ts';

const serviceKey = createServiceKey();

/** Appends that many approvals, signed by a key, which is cheap. `together` share batches as they come. */
export async function appendMany(log: Log, count: number, { together }: { together: boolean }): Promise<void> {
  const append = (): Promise<unknown> =>
    log.append(
      { kind: 'approval', content: createApproval({ origin: ORIGIN, serviceKey }).envelope },
      { services: ['*'] },
    );
  if (together) await Promise.all(Array.from({ length: count }, append));
  else for (let i = 0; i < count; i++) await append();
}
