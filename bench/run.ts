/**
 * `npm run bench [-- --runs N]`: measures the built server and the verifier, writes bench/results/latest.json, and puts
 * the table into README.md. Nothing else should run on the machine; every bar is on the median of the runs.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { createApproval } from '../test-support/src/approvals.ts';
import { createAuthenticator } from '../test-support/src/authenticator.ts';
import { type BenchResult, formatTable, isMet, type Measure } from './bars.ts';
import { measureBaselines } from './baselines.ts';
import { load, startServer } from './processes.ts';
import { writeReadmeTable } from './readme.ts';
import { measureVerification } from './receipt-verification.ts';
import { median } from './statistics.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
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

const baselines = await measureBaselines(FOLDER);
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
  const full = await load({ port, connections: 64, count: 25_000, work: append });
  check(full);
  note('appends', full.perSecond);
  note('appends p99', full.p99);
  const proofs = await load({ port, connections: 64, count: 20_000, work: { kind: 'receipts', size: 30_000 } });
  check(proofs);
  note('proofs', proofs.perSecond);
  note('memory', server.peakMemory());
  await server.stop();
}

function measure(key: string, name: string, unit: string, bar: { atLeast?: number; atMost?: number } = {}): Measure {
  const values = samples.get(key)!;
  return { name, unit, samples: values, median: median(values), ...bar };
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
    measure('proofs', 'Receipts by index, 64 connections', '/s'),
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
