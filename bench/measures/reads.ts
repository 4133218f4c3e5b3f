import { rmSync } from 'node:fs';
import { tableBytes } from '../database.ts';
import { makeFilledLog, readRandomly } from '../filled-log.ts';
import { startServer } from '../processes.ts';
import type { MeasureGroup, Note } from './measure-group.ts';

const MILLION = 1_000_000;
const CONNECTIONS = 64;
const COUNT = 60_000;
const TILES = 150_000;

/** Single reads at random places of a log with a million approvals, and what such a log takes on disk. */
export const reads: MeasureGroup = {
  name: 'reads',
  rows: [
    {
      key: 'receipts',
      name: `Receipts by index at random out of 1 million entries, one server process, ${CONNECTIONS} connections`,
      unit: '/s',
      atLeast: 15_000,
    },
    { key: 'receipts p99', name: 'the same, p99', unit: 'ms', atMost: 15 },
    { key: 'entries and proofs', name: 'get-entry-and-proof, likewise', unit: '/s', atLeast: 15_000 },
    { key: 'entries and proofs p99', name: 'the same, p99', unit: 'ms', atMost: 15 },
    { key: 'full tiles', name: 'Full tiles, likewise', unit: '/s', atLeast: 40_000 },
    { key: 'memory', name: 'Peak memory of the server process under these reads', unit: 'MB', atMost: 350 },
    {
      key: 'receipts of two',
      name: `The same receipts by two server processes on one database, ${CONNECTIONS} connections in all`,
      unit: '/s',
      atLeast: 15_000,
    },
    { key: 'receipts of two p99', name: 'the same, p99', unit: 'ms', atMost: 15 },
    { key: 'entries and proofs of two', name: 'get-entry-and-proof by two, likewise', unit: '/s', atLeast: 15_000 },
    { key: 'entries and proofs of two p99', name: 'the same, p99', unit: 'ms', atMost: 15 },
    { key: 'full tiles of two', name: 'Full tiles by two, likewise', unit: '/s', atLeast: 40_000 },
    { key: 'disk', name: 'Disk for one record with all indexes, at 1 million approvals', unit: 'B', atMost: 900 },
  ],
  measure: async (note, runs) => {
    const filled = await makeFilledLog(MILLION, 'approvals');
    note('disk', (await tableBytes(filled)) / MILLION);
    for (let run = 1; run <= runs; run++) await measureReads(filled, note);
    rmSync(filled, { recursive: true });
    return undefined;
  },
};

/** By a server that has just been started on it; then by this one and another one together. */
async function measureReads(dataDir: string, note: Note): Promise<void> {
  const server = await startServer(dataDir);
  try {
    await measureServers(note, '', server.port);
    note('memory', server.peakMemory());
    // It finds the embedded database running, and uses it too.
    const other = await startServer(dataDir);
    try {
      await measureServers(note, ' of two', server.port, other.port);
    } finally {
      await other.stop();
    }
  } finally {
    await server.stop();
  }
}

/** @param by in the keys of the rows */
async function measureServers(note: Note, by: '' | ' of two', port: number, ...otherPorts: number[]): Promise<void> {
  const order = { port, otherPorts, connections: CONNECTIONS, size: MILLION } as const;
  // The first second of a process is its compiler's, not the log's.
  for (const what of ['receipts', 'entries-and-proofs', 'full-tiles'] as const) {
    await readRandomly({ ...order, what, count: 10_000 * (1 + otherPorts.length) });
  }
  const receipts = await readRandomly({ ...order, what: 'receipts', count: COUNT });
  note(`receipts${by}`, receipts.perSecond);
  note(`receipts${by} p99`, receipts.p99);
  const entries = await readRandomly({ ...order, what: 'entries-and-proofs', count: COUNT });
  note(`entries and proofs${by}`, entries.perSecond);
  note(`entries and proofs${by} p99`, entries.p99);
  const tiles = await readRandomly({ ...order, what: 'full-tiles', count: TILES });
  note(`full tiles${by}`, tiles.perSecond);
}
