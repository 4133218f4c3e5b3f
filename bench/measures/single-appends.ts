import { walPosition } from '../database.ts';
import { loadWithoutRefusals, startServer } from '../processes.ts';
import { whenQuiet } from '../quiet.ts';
import { eachRun, type MeasureGroup } from './measure-group.ts';

const CONNECTIONS = 256;
const APPENDS = 30_000;

/** Verified passkey records, one per POST, each answered with its receipt: as fast as it goes, and at a steady rate. */
export const singleAppends: MeasureGroup = {
  name: 'appends',
  rows: [
    {
      key: 'appends',
      name: `Verified passkey records, one per POST, ${CONNECTIONS} connections, each answered with its receipt`,
      unit: '/s',
      atLeast: 6_000,
    },
    { key: 'appends p99', name: 'the same, p99', unit: 'ms', atMost: 120 },
    { key: 'steady p50', name: 'POST to receipt at 500 appends a second, p50', unit: 'ms', atMost: 6 },
    { key: 'steady p99', name: 'the same, p99', unit: 'ms', atMost: 30 },
    { key: 'wal', name: 'Write-ahead log for one record that is appended', unit: 'B', atMost: 1_600 },
    {
      key: 'append memory',
      name: 'Peak memory of the server process under these loads',
      unit: 'MB',
      atMost: 350,
    },
  ],
  measure: eachRun(async (note) => {
    const server = await startServer();
    const { port, origin, apiKey } = server;
    const work = { kind: 'append', origin, apiKey } as const;
    // The first seconds of a process are its compiler's, not the log's.
    await loadWithoutRefusals({ port, connections: CONNECTIONS, count: 6_000, work });
    const steady = await whenQuiet(() =>
      loadWithoutRefusals({ port, connections: CONNECTIONS, count: 5_000, rate: 500, work }),
    );
    note('steady p50', steady.p50);
    note('steady p99', steady.p99);
    const { wal, perSecond, p99 } = await whenQuiet(async () => {
      const before = await walPosition(server.dataDir);
      const full = await loadWithoutRefusals({ port, connections: CONNECTIONS, count: APPENDS, work });
      return { ...full, wal: (await walPosition(server.dataDir)) - before };
    });
    note('wal', wal / APPENDS);
    note('appends', perSecond);
    note('appends p99', p99);
    note('append memory', server.peakMemory());
    await server.stop();
  }),
};
