import { loadWithoutRefusals, startServer } from '../processes.ts';
import { whenQuiet } from '../quiet.ts';
import { eachRun, type MeasureGroup } from './measure-group.ts';

const PER_BATCH = 200;
/** Enough that there is always a batch to examine while another one is stored and signed. */
const CONNECTIONS = 8;
/** What compiles last, after some thousand records. */
const WARM_UP = 60;
/** For 8 s, so that the first and the last batches, which find the machine half idle, are few among them. */
const VERIFIED = 400;

/** `POST /api/v1/entries/batch`, each record answered with its receipt: approvals that are verified, and blind commitments. */
export const batchAppends: MeasureGroup = {
  name: 'batches',
  rows: [
    {
      key: 'batch verified',
      name: `Batch append, ${PER_BATCH} verified passkey records per POST, each with its receipt`,
      unit: '/s',
      atLeast: 9_500,
    },
    { key: 'batch blind', name: `Batch append, ${PER_BATCH} blind commitments per POST`, unit: '/s', atLeast: 25_000 },
    {
      key: 'batch memory',
      name: 'Peak memory of the server process under these loads',
      unit: 'MB',
      atMost: 350,
    },
  ],
  measure: eachRun(async (note) => {
    const server = await startServer();
    const { port, origin } = server;
    const apiKey = server.addBlindKey();
    const verified = { kind: 'batch', of: 'verified', perBatch: PER_BATCH, origin, apiKey } as const;
    const blind = { ...verified, of: 'blind' } as const;
    for (const work of [verified, blind]) {
      await loadWithoutRefusals({ port, connections: CONNECTIONS, count: WARM_UP, work });
    }
    const send = (count: number, work: typeof verified | typeof blind) =>
      whenQuiet(() => loadWithoutRefusals({ port, connections: CONNECTIONS, count, work }));
    note('batch verified', (await send(VERIFIED, verified)).perSecond * PER_BATCH);
    note('batch blind', (await send(500, blind)).perSecond * PER_BATCH);
    note('batch memory', server.peakMemory());
    await server.stop();
  }),
};
