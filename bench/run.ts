/**
 * `npm run bench [-- --runs N] [--growth]`: measures the built server and the verifier, writes bench/results/latest.json, and puts
 * the table into README.md. Nothing else should run on the machine; every bar is on the median of the runs.
 * `--growth` also compares a log of 5 million entries with a small one, which takes ten minutes more.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { createApproval } from '../test-support/src/approvals.ts';
import { createAuthenticator } from '../test-support/src/authenticator.ts';
import { type BenchResult, formatTable, isMet, type Measure } from './bars.ts';
import { measureBaselines } from './baselines.ts';
import { tableBytes, walPosition } from './database.ts';
import { makeFilledLog } from './filled-log.ts';
import { LARGE, measureGrowth, SMALL } from './measures/growth.ts';
import { measureReads } from './measures/reads.ts';
import { load, startServer } from './processes.ts';
import { writeReadmeTable } from './readme.ts';
import { measureVerification } from './receipt-verification.ts';
import { median } from './statistics.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, growth: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a whole number from 1');

const FOLDER = 'bench/tmp';
const samples = new Map<string, number[]>();
const note = (name: string, value: number): void => {
  samples.set(name, [...(samples.get(name) ?? []), value]);
};

async function firstReceipt(): Promise<number> {
  const start = performance.now();
  const server = await startServer();
  const { envelope } = createApproval({ origin: server.origin, authenticator: createAuthenticator() });
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/entries`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'approval', content: envelope }),
  });
  const seconds = (performance.now() - start) / 1000;
  if (response.status !== 201) throw new Error(`the first append answered ${response.status}`);
  await response.arrayBuffer();
  await server.stop();
  return seconds;
}

const MILLION = 1_000_000;
const baselines = await measureBaselines(FOLDER);
process.stderr.write(`filling a log with ${MILLION} approvals\n`);
const filled = await makeFilledLog(MILLION, 'approvals');
note('disk', (await tableBytes(filled)) / MILLION);
for (let run = 1; run <= runs; run++) {
  process.stderr.write(`run ${run} of ${runs}\n`);
  note('first start to first receipt', await firstReceipt());
  const verification = await measureVerification();
  note('receipt verification', verification.receipt);
  note('bare', verification.bare);
  note('receipt verification ratio', verification.receipt / verification.bare);

  const server = await startServer();
  const { port, origin, apiKey } = server;
  const append = { kind: 'append', origin, apiKey } as const;
  const check = (result: { refused: number }): void => {
    if (result.refused > 0) throw new Error(`${result.refused} requests were refused`);
  };
  // The first second of a process is its compiler's, not the log's.
  check(await load({ port, connections: 64, count: 3_000, work: append }));
  const steady = await load({ port, connections: 64, count: 2_000, rate: 200, work: append });
  check(steady);
  note('steady p50', steady.p50);
  note('steady p99', steady.p99);
  const before = await walPosition(server.dataDir);
  const full = await load({ port, connections: 64, count: 25_000, work: append });
  check(full);
  note('wal', ((await walPosition(server.dataDir)) - before) / 25_000);
  note('appends', full.perSecond);
  note('appends p99', full.p99);
  note('memory', server.peakMemory());
  await server.stop();

  const reads = await measureReads(filled, MILLION);
  for (const [name, value] of Object.entries(reads)) note(`reads: ${name}`, value);
}
rmSync(filled, { recursive: true });
const growth = values.growth ? await measureGrowth() : undefined;
for (const [name, value] of Object.entries(growth ?? {})) if (typeof value === 'number') note(`growth: ${name}`, value);

function measure(key: string, name: string, unit: string, bar: { atLeast?: number; atMost?: number } = {}): Measure {
  const values = samples.get(key)!;
  return { name, unit, samples: values, median: median(values), ...bar };
}

function growthMeasures(): Measure[] {
  const bar = { atMost: 1.25 };
  const at = `at ${LARGE} entries, as a multiple of ${SMALL} entries`;
  return [
    measure('growth: append', `An append ${at}`, '×', bar),
    measure('growth: appendCpu', 'the same, processor time', '×', bar),
    measure('growth: receipt', `A receipt at random ${at}`, '×', bar),
    measure('growth: receiptCpu', 'the same, processor time', '×', bar),
    measure('growth: memory', `Peak memory of the server process ${at.split(',')[0]}`, 'MB', { atMost: 350 }),
  ];
}

const result: BenchResult = {
  commit: execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { encoding: 'utf8' }).trim(),
  date: new Date().toISOString().slice(0, 10),
  machine: {
    cpu: cpus()[0]!.model,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
  },
  runs,
  baselines,
  ...(growth && { databaseSettings: growth.settings }),
  measures: [
    measure('appends', 'Verified passkey records, one per POST, 64 connections, each answered with its receipt', '/s', {
      atLeast: 4_000,
    }),
    measure('appends p99', 'the same, p99', 'ms', { atMost: 60 }),
    measure('steady p50', 'POST to receipt at 200 appends a second, p50', 'ms', { atMost: 10 }),
    measure('steady p99', 'the same, p99', 'ms', { atMost: 50 }),
    measure('receipt verification ratio', 'Receipt verification, as a multiple of its two bare WebCrypto calls', '×', {
      atMost: 2,
    }),
    measure('receipt verification', 'Receipt verification', 'µs'),
    measure('bare', 'its two bare WebCrypto calls', 'µs'),
    measure('reads: receipts', 'Receipts by index at random out of 1 million entries, 64 connections', '/s', {
      atLeast: 15_000,
    }),
    measure('reads: receiptsP99', 'the same, p99', 'ms', { atMost: 15 }),
    measure('reads: entriesAndProofs', 'get-entry-and-proof, likewise', '/s', { atLeast: 15_000 }),
    measure('reads: entriesAndProofsP99', 'the same, p99', 'ms', { atMost: 15 }),
    measure('reads: fullTiles', 'Full tiles, likewise', '/s', { atLeast: 40_000 }),
    measure('reads: memory', 'Peak memory of the server process under these reads', 'MB', { atMost: 350 }),
    measure('disk', 'Disk for one record with all indexes, at 1 million approvals', 'B', { atMost: 900 }),
    measure('wal', 'Write-ahead log for one record that is appended', 'B', { atMost: 1_600 }),
    ...(growth ? growthMeasures() : []),
    measure('first start to first receipt', 'First start to first receipt', 's', { atMost: 5 }),
    measure('memory', 'Peak memory of the server process under these loads', 'MB', { atMost: 300 }),
  ],
};
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync('bench/results', { recursive: true });
writeFileSync('bench/results/latest.json', `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${formatTable(result)}\n`);

writeReadmeTable(result);
const missed = result.measures.filter((each) => !isMet(each));
for (const { name } of missed) process.stdout.write(`MISSED: ${name}\n`);
