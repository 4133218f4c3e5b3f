import { databaseSettings } from '../database.ts';
import { growBeside, makeFilledLog, readRandomly } from '../filled-log.ts';
import type { LoadResult } from '../load-result.ts';
import { type BenchServer, load, startServer } from '../processes.ts';
import { median } from '../statistics.ts';
import type { MeasureGroup, Note } from './measure-group.ts';

const SMALL = 10_000;
const LARGE = 5_000_000;
const AT = `at ${LARGE} entries, as a multiple of ${SMALL} entries`;

const ROUNDS = 7;
const APPENDS = 1_500;
const READS = 6_000;

/**
 * The same work on a small and a large log, in turns, so that both see the same machine: what the large one costs, as a
 * multiple of the small one, and medians of its own rounds. Both are filled with blind commitments; what is appended are
 * approvals that a passkey signed, what is read are receipts at random places.
 */
export const growth: MeasureGroup = {
  name: 'growth',
  long: true,
  rows: [
    { key: 'append', name: `An append ${AT}`, unit: '×', atMost: 1.25 },
    { key: 'append cpu', name: 'the same, processor time', unit: '×', atMost: 1.25 },
    { key: 'receipt', name: `A receipt at random ${AT}`, unit: '×', atMost: 1.25 },
    { key: 'receipt cpu', name: 'the same, processor time', unit: '×', atMost: 1.25 },
    { key: 'memory', name: `Peak memory of the server process at ${LARGE} entries`, unit: 'MB', atMost: 350 },
  ],
  measure: measureGrowth,
};

async function measureGrowth(note: Note): Promise<string> {
  const sizes = [SMALL, LARGE] as const;
  const servers: BenchServer[] = [];
  for (const size of sizes) {
    process.stderr.write(`filling a log with ${size} entries\n`);
    const dataDir = await makeFilledLog(size, 'blind');
    const server = await startServer(dataDir);
    servers.push(server);
    // After a start every page is written to the log whole once, which 15 minutes of appends share; a few thousand would not.
    if (size === LARGE) await growBeside(dataDir, LARGE + 102_400);
  }
  const appends: [LoadResult[], LoadResult[]] = [[], []];
  const receipts: [LoadResult[], LoadResult[]] = [[], []];
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, size] of sizes.entries()) {
        const server = servers[i]!;
        const { port, origin, apiKey } = server;
        const work = { kind: 'append', origin, apiKey } as const;
        // And PostgreSQL, which it started.
        const watched = [server.pid];
        const append = await load({ port, connections: 64, count: APPENDS, work, watched });
        const receipt = await readRandomly({ port, connections: 64, count: READS, what: 'receipts', size, watched });
        // The first round is the compiler's.
        if (round === 0) continue;
        appends[i]!.push(append);
        receipts[i]!.push(receipt);
      }
    }
    note('append', ratio(appends, 'seconds'));
    note('append cpu', ratio(appends, 'watchedCost'));
    note('receipt', ratio(receipts, 'seconds'));
    note('receipt cpu', ratio(receipts, 'watchedCost'));
    note('memory', servers[1]!.peakMemory());
    const settings = Object.entries(await databaseSettings(servers[1]!.dataDir));
    return `Database of the ${LARGE} entries: ${settings.map(([name, value]) => `${name} = ${value}`).join(', ')}.`;
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Of the rounds' own ratios: what disturbs the machine for longer than a round disturbs both. */
function ratio([small, large]: [LoadResult[], LoadResult[]], of: 'seconds' | 'watchedCost'): number {
  return median(large.map((cost, round) => cost[of] / small[round]![of]));
}
