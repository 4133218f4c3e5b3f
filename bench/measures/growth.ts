import { readFileSync } from 'node:fs';
import { databaseSettings, postgresPid } from '../database.ts';
import { growBeside, makeFilledLog, readRandomly } from '../filled-log.ts';
import { type BenchServer, load, startServer } from '../processes.ts';
import { median } from '../statistics.ts';
import type { MeasureGroup, Note } from './measure-group.ts';

const SMALL = 10_000;
const LARGE = 5_000_000;
const AT = `at ${LARGE} entries, as a multiple of ${SMALL} entries`;

/** µs a request: by the clock, with 64 connections, and of the processors that server and PostgreSQL used. */
type Cost = { readonly clock: number; readonly cpu: number };

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
  const postgres: number[] = [];
  for (const size of sizes) {
    process.stderr.write(`filling a log with ${size} entries\n`);
    const dataDir = await makeFilledLog(size, 'blind');
    const server = await startServer(dataDir);
    servers.push(server);
    // After a start every page is written to the log whole once, which 15 minutes of appends share; a few thousand would not.
    if (size === LARGE) await growBeside(dataDir, LARGE + 102_400);
    postgres.push(await postgresPid(dataDir));
  }
  const appends: [Cost[], Cost[]] = [[], []];
  const receipts: [Cost[], Cost[]] = [[], []];
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, size] of sizes.entries()) {
        const server = servers[i]!;
        const { port, origin, apiKey } = server;
        const work = { kind: 'append', origin, apiKey } as const;
        const pids = [server.pid, postgres[i]!];
        const append = await costOf(pids, APPENDS, () => load({ port, connections: 64, count: APPENDS, work }));
        const receipt = await costOf(pids, READS, () =>
          readRandomly({ port, connections: 64, count: READS, what: 'receipts', size }),
        );
        // The first round is the compiler's.
        if (round === 0) continue;
        appends[i]!.push(append);
        receipts[i]!.push(receipt);
      }
    }
    note('append', ratio(appends, 'clock'));
    note('append cpu', ratio(appends, 'cpu'));
    note('receipt', ratio(receipts, 'clock'));
    note('receipt cpu', ratio(receipts, 'cpu'));
    note('memory', servers[1]!.peakMemory());
    const settings = Object.entries(await databaseSettings(servers[1]!.dataDir));
    return `Database of the ${LARGE} entries: ${settings.map(([name, value]) => `${name} = ${value}`).join(', ')}.`;
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Of the rounds' own ratios: what disturbs the machine for longer than a round disturbs both. */
function ratio([small, large]: [Cost[], Cost[]], of: keyof Cost): number {
  return median(large.map((cost, round) => cost[of] / small[round]![of]));
}

async function costOf(pids: readonly number[], count: number, run: () => Promise<{ seconds: number }>): Promise<Cost> {
  const before = cpuMicroseconds(pids);
  const { seconds } = await run();
  return { clock: (seconds * 1e6) / count, cpu: (cpuMicroseconds(pids) - before) / count };
}

const TICK_MICROSECONDS = 10_000;

/** Of these processes and all that they started, those that have ended too. */
function cpuMicroseconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    for (const field of fields.slice(11, 15)) ticks += Number(field);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    ticks += cpuMicroseconds(children) / TICK_MICROSECONDS;
  }
  return ticks * TICK_MICROSECONDS;
}
