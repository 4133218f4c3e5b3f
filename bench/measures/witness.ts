import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TestLog } from '../../test-support/src/receipts.ts';
import { unwrap } from '../../test-support/src/results.ts';
import { createWitnessHome } from '../../test-support/src/witness-program.ts';
import { parseCheckpoint, parseCosignerVkey, parseNote, verifyCosignatures } from '../../verifier/src/index.ts';
import type { LoadResult } from '../load-result.ts';
import { runScript } from '../processes.ts';
import type { WitnessLoadOrder } from '../witness-load.ts';
import { createWitnessedLogs, sizeIn } from '../witnessed-logs.ts';
import { eachRun, type MeasureGroup } from './measure-group.ts';

const CONNECTIONS = 64;
const LOGS = 1000;
/** The first seconds of a process are its compiler's. */
const WARM_UP = 5;
const ROUNDS = 30;
const LOAD_TIMEOUT_MS = 120_000;

/** `assent witness`, the built program: checkpoints of many logs, each with its proof, each on disk before its answer. */
export const witness: MeasureGroup = {
  name: 'witness',
  rows: [
    {
      key: 'cosigned',
      name: `Checkpoints that \`assent witness\` cosigns, of ${LOGS.toLocaleString('en-US')} logs, ${CONNECTIONS} connections, each on disk before its answer`,
      unit: '/s',
      atLeast: 1_500,
    },
    { key: 'p99', name: 'the same, p99', unit: 'ms', atMost: 50 },
    { key: 'memory', name: 'Peak memory of the witness under this load', unit: 'MB' },
  ],
  measure: eachRun(async (note) => {
    const home = createWitnessHome('witness.bench.localhost');
    try {
      const logs = createWitnessedLogs(LOGS);
      home.listLogs(logs);
      const { url, pid, signal, ended } = await home.start();
      const load = async (from: number, rounds: number): Promise<LoadResult> => {
        const order: WitnessLoadOrder = {
          port: Number(new URL(url).port),
          connections: CONNECTIONS,
          logs: LOGS,
          from,
          rounds,
          watched: [pid],
        };
        const result = JSON.parse(await runScript('witness-load.ts', order, LOAD_TIMEOUT_MS)) as LoadResult;
        if (result.refused > 0) throw new Error(`${result.refused} checkpoints were not cosigned`);
        return result;
      };
      await load(0, WARM_UP);
      const { perSecond, p99 } = await load(WARM_UP, ROUNDS);
      note('cosigned', perSecond);
      note('p99', p99);
      note('memory', Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);
      signal('SIGKILL');
      await ended;
      // What it answered with has to be there after a kill.
      const again = await home.start();
      for (const log of logs) await checkRemembered(again.url, log, home.vkey, sizeIn(WARM_UP + ROUNDS - 1));
    } finally {
      await home.remove();
    }
  }),
};

async function checkRemembered(url: string, log: TestLog, vkey: string, size: number): Promise<void> {
  const hash = createHash('sha256').update(log.origin).digest('hex');
  const note = unwrap(parseNote(await (await fetch(`${url}/${hash}/checkpoint`)).text()));
  const checkpoint = unwrap(parseCheckpoint(note.text));
  const cosigners = [unwrap(parseCosignerVkey(vkey))];
  const { verified } = await verifyCosignatures(note, { cosigners, logKeys: [] });
  if (checkpoint.size !== size || verified.length !== 1)
    throw new Error(`${log.origin} is not remembered as it was cosigned`);
}
