import { readRandomly } from '../filled-log.ts';
import { startServer } from '../processes.ts';

/** Of one run: reads a second, their 99th percentile in ms, and the server's peak memory in MB. */
export type ReadSample = {
  readonly receipts: number;
  readonly receiptsP99: number;
  readonly entriesAndProofs: number;
  readonly entriesAndProofsP99: number;
  readonly fullTiles: number;
  readonly fullTilesP99: number;
  readonly memory: number;
};

const COUNT = 60_000;
const TILES = 150_000;

/** Single reads at random places of a filled log, 64 connections, by a server that has just been started on it. */
export async function measureReads(dataDir: string, size: number): Promise<ReadSample> {
  const server = await startServer(dataDir);
  try {
    const order = { port: server.port, connections: 64, size } as const;
    // The first second of a process is its compiler's, not the log's.
    for (const what of ['receipts', 'entries-and-proofs', 'full-tiles'] as const) {
      await readRandomly({ ...order, what, count: 10_000 });
    }
    const receipts = await readRandomly({ ...order, what: 'receipts', count: COUNT });
    const entries = await readRandomly({ ...order, what: 'entries-and-proofs', count: COUNT });
    const tiles = await readRandomly({ ...order, what: 'full-tiles', count: TILES });
    return {
      receipts: receipts.perSecond,
      receiptsP99: receipts.p99,
      entriesAndProofs: entries.perSecond,
      entriesAndProofsP99: entries.p99,
      fullTiles: tiles.perSecond,
      fullTilesP99: tiles.p99,
      memory: server.peakMemory(),
    };
  } finally {
    await server.stop();
  }
}
