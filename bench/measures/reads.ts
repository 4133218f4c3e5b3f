import { rmSync } from 'node:fs';
import { tableBytes } from '../database.ts';
import { makeFilledLog, readRandomly } from '../filled-log.ts';
import type { LoadResult } from '../load-result.ts';
import { startServer } from '../processes.ts';
import { whenQuiet } from '../quiet.ts';
import type { ReadOrder } from '../read-load.ts';
import type { MeasureGroup, Note } from './measure-group.ts';

const MILLION = 1_000_000;
const CONNECTIONS = 64;
const COUNT = 60_000;
const TILES = 150_000;

/** As an operator starts a log that is read more than one processor can answer: docs/operating.md, "Several servers". */
const PROCESSES = 2;

/** Single reads at random places of a log with a million approvals, and what such a log takes on disk. */
export const reads: MeasureGroup = {
  name: 'reads',
  rows: [
    {
      key: 'receipts',
      name: `Receipts by index at random out of 1 million entries, ${CONNECTIONS} connections, \`serve --processes ${PROCESSES}\``,
      unit: '/s',
      atLeast: 15_000,
    },
    { key: 'receipts p99', name: 'the same, p99', unit: 'ms', atMost: 15 },
    { key: 'entries and proofs', name: 'get-entry-and-proof, likewise', unit: '/s', atLeast: 15_000 },
    { key: 'entries and proofs p99', name: 'the same, p99', unit: 'ms', atMost: 15 },
    { key: 'full tiles', name: 'Full tiles, likewise', unit: '/s', atLeast: 40_000 },
    { key: 'memory', name: 'Peak memory of a server process under these reads', unit: 'MB', atMost: 350 },
    { key: 'receipts of one', name: 'The same receipts by one process, as without that flag', unit: '/s' },
    { key: 'receipts of one p99', name: 'the same, p99', unit: 'ms' },
    { key: 'entries and proofs of one', name: 'get-entry-and-proof by one', unit: '/s' },
    { key: 'entries and proofs of one p99', name: 'the same, p99', unit: 'ms' },
    { key: 'full tiles of one', name: 'Full tiles by one', unit: '/s' },
    {
      key: 'memory of one',
      name: 'Peak memory of the server process under these reads',
      unit: 'MB',
      atMost: 350,
    },
    { key: 'disk', name: 'Disk for one record with all indexes, at 1 million approvals', unit: 'B', atMost: 900 },
  ],
  measure: async (note, runs) => {
    const filled = await makeFilledLog(MILLION, 'approvals');
    note('disk', (await tableBytes(filled)) / MILLION);
    for (let run = 1; run <= runs; run++) {
      await measureServer(filled, PROCESSES, note, '');
      await measureServer(filled, 1, note, ' of one');
    }
    rmSync(filled, { recursive: true });
    return undefined;
  },
};

/** By a server that has just been started on it. @param by in the keys of the rows */
async function measureServer(dataDir: string, processes: number, note: Note, by: '' | ' of one'): Promise<void> {
  const server = await startServer(dataDir, processes);
  try {
    const order = { port: server.port, connections: CONNECTIONS, size: MILLION } as const;
    // The first second of a process is its compiler's, not the log's.
    for (const what of ['receipts', 'entries-and-proofs', 'full-tiles'] as const) {
      await readRandomly({ ...order, what, count: 10_000 * processes });
    }
    const read = (what: ReadOrder['what'], count: number): Promise<LoadResult> =>
      whenQuiet(() => readRandomly({ ...order, what, count }));
    const receipts = await read('receipts', COUNT);
    note(`receipts${by}`, receipts.perSecond);
    note(`receipts${by} p99`, receipts.p99);
    const entries = await read('entries-and-proofs', COUNT);
    note(`entries and proofs${by}`, entries.perSecond);
    note(`entries and proofs${by} p99`, entries.p99);
    note(`full tiles${by}`, (await read('full-tiles', TILES)).perSecond);
    note(`memory${by}`, server.peakMemory());
  } finally {
    await server.stop();
  }
}
