/**
 * `npm run bench [-- --runs N] [--growth]`: measures the built server and the verifier, writes bench/results/latest.json, and puts
 * the table into README.md. Nothing else should run on the machine; every bar is on the median of the runs.
 * `--growth` also compares a log of 5 million entries with a small one, which takes ten minutes more.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { type BenchResult, formatTable, isMet, type Measure } from './bars.ts';
import { measureBaselines } from './baselines.ts';
import { tableBytes } from './database.ts';
import { makeFilledLog } from './filled-log.ts';
import { batchAppends } from './measures/batch-appends.ts';
import { firstReceipt } from './measures/first-receipt.ts';
import { LARGE, measureGrowth, SMALL } from './measures/growth.ts';
import type { MeasureGroup, Note } from './measures/measure-group.ts';
import { measureReads } from './measures/reads.ts';
import { receiptVerification } from './measures/receipt-verification.ts';
import { singleAppends } from './measures/single-appends.ts';
import { verifier } from './measures/verifier.ts';
import { writeReadmeTable } from './readme.ts';
import { median } from './statistics.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, growth: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a whole number from 1');

const FOLDER = 'bench/tmp';
const samples = new Map<string, number[]>();
const note: Note = (key, value) => {
  samples.set(key, [...(samples.get(key) ?? []), value]);
};

const MILLION = 1_000_000;
const baselines = await measureBaselines(FOLDER);
process.stderr.write(`filling a log with ${MILLION} approvals\n`);
const filled = await makeFilledLog(MILLION, 'approvals');
note('disk', (await tableBytes(filled)) / MILLION);
for (let run = 1; run <= runs; run++) {
  process.stderr.write(`run ${run} of ${runs}\n`);
  for (const group of [firstReceipt, receiptVerification, verifier, singleAppends, batchAppends])
    await group.measure(note);

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

function measuresOf({ rows }: MeasureGroup): Measure[] {
  return rows.map(({ key, name, unit, ...bar }) => measure(key, name, unit, bar));
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
    ...measuresOf(singleAppends),
    ...measuresOf(batchAppends),
    ...measuresOf(receiptVerification),
    ...measuresOf(verifier),
    measure('reads: receipts', 'Receipts by index at random out of 1 million entries, 64 connections', '/s', {
      atLeast: 15_000,
    }),
    measure('reads: receiptsP99', 'the same, p99', 'ms', { atMost: 15 }),
    measure('reads: entriesAndProofs', 'get-entry-and-proof, likewise', '/s', { atLeast: 15_000 }),
    measure('reads: entriesAndProofsP99', 'the same, p99', 'ms', { atMost: 15 }),
    measure('reads: fullTiles', 'Full tiles, likewise', '/s', { atLeast: 40_000 }),
    measure('reads: memory', 'Peak memory of the server process under these reads', 'MB', { atMost: 350 }),
    measure('disk', 'Disk for one record with all indexes, at 1 million approvals', 'B', { atMost: 900 }),
    ...(growth ? growthMeasures() : []),
    ...measuresOf(firstReceipt),
  ],
};
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync('bench/results', { recursive: true });
writeFileSync('bench/results/latest.json', `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${formatTable(result)}\n`);

writeReadmeTable(result);
const missed = result.measures.filter((each) => !isMet(each));
for (const { name } of missed) process.stdout.write(`MISSED: ${name}\n`);
