import { expect } from 'vitest';
import { faultTest } from './fault-test.ts';

const DUPLICATES = 0.2;

/** Two processes, one database and one guard; a fifth of the records goes to both in the same moment. */
export function twoServers(records: number): () => Promise<void> {
  return faultTest({ database: 'shared', rounds: 1 }, async ({ home, load, audit }) => {
    const servers = [await home.start(), await home.start()];
    const appending = load(() => servers, { connections: 32, duplicates: DUPLICATES, records });
    await appending.finish();
    // The auditor sees to it that of two answers for one record exactly one is 201, and both name the same entry.
    expect(appending.outcomes.get('created')).toBe(records);
    expect(appending.outcomes.get('repeated')).toBeGreaterThan(records * DUPLICATES * 0.5);
    for (const server of servers) {
      expect(await audit(server)).toMatchObject({ size: records, acknowledged: records, recovered: records });
    }
  });
}
