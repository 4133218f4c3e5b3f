import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { CopyOrder } from '../log-copy.ts';
import { runScript, TEMPORARY } from '../processes.ts';
import type { MeasureGroup } from './measure-group.ts';

const PROGRAM = fileURLToPath(new URL('../../cli/bin/assent.js', import.meta.url));
const RECORDS = 200_000;
const COMMITMENTS = 1_500_000;
const COPY_TIMEOUT_MS = 20 * 60_000;
const BARE_SECONDS = 3;

/** Of one audit, from the start of the program to its end. */
type Audited = {
  readonly perSecond: number;
  /** Processor time of all its threads, µs an entry. */
  readonly cpu: number;
  /** MB. */
  readonly peakMemory: number;
};

export const audit: MeasureGroup = {
  name: 'audit',
  long: true,
  rows: [
    {
      key: 'share',
      name: 'Audit of 200,000 records with one passkey signature each, as a share of bare P-256 verifications on all cores',
      unit: '×',
      atLeast: 0.8,
    },
    { key: 'records', name: 'the same', unit: 'records/s' },
    { key: 'recordCpu', name: 'the same, processor time as a multiple of a bare verification', unit: '×' },
    { key: 'bare', name: '`crypto.verify` of P-256 alone, one thread a core', unit: '/s' },
    {
      key: 'commitments',
      name: 'Audit of a local copy of 1.5 million commitments',
      unit: 'entries/s',
      atLeast: 300_000,
    },
    { key: 'commitmentCpu', name: 'the same, processor time', unit: 'µs an entry' },
    { key: 'memory', name: 'Peak memory of these audits', unit: 'MB', atMost: 300 },
  ],
  measure: async (note, runs) => {
    mkdirSync(TEMPORARY, { recursive: true });
    const folder = mkdtempSync(path.join(TEMPORARY, 'copies-'));
    try {
      process.stderr.write(`making a log of ${RECORDS} approvals and one of ${COMMITMENTS} commitments\n`);
      const signed = await makeCopy({ folder: path.join(folder, 'approvals'), size: RECORDS, entries: 'approvals' });
      const sealed = await makeCopy({ folder: path.join(folder, 'sealed'), size: COMMITMENTS, entries: 'sealed' });
      for (let run = 1; run <= runs; run++) {
        const bare = await bareVerifications();
        const records = await auditCopy(signed, RECORDS);
        const commitments = await auditCopy(sealed, COMMITMENTS);
        note('bare', bare.perSecond);
        note('records', records.perSecond);
        note('share', records.perSecond / bare.perSecond);
        note('recordCpu', records.cpu / bare.cpu);
        note('commitments', commitments.perSecond);
        note('commitmentCpu', commitments.cpu);
        note('memory', Math.max(records.peakMemory, commitments.peakMemory));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return undefined;
  },
};

async function makeCopy(order: CopyOrder): Promise<string> {
  await runScript('log-copy.ts', order, COPY_TIMEOUT_MS);
  return order.folder;
}

/** The built program. Its memory and processor time are those that Linux counts of it. */
async function auditCopy(folder: string, size: number): Promise<Audited> {
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [PROGRAM, 'audit', folder, '--log-key', `${folder}.vkey`, '--no-state', '--json'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  let peakMemory = 0;
  let cpu = 0;
  const look = (): void => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakMemory = Math.max(peakMemory, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      cpu = Math.max(cpu, (Number(fields[11]) + Number(fields[12])) * 10_000);
    } catch (error) {
      // It has ended, and the timer has not been told.
      if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')))
        throw error;
    }
  };
  const timer = setInterval(look, 20);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`the audit ended with ${code}`);
  return { perSecond: (size / (performance.now() - start)) * 1000, cpu: cpu / size, peakMemory };
}

const BARE = `
  const { createPublicKey, generateKeyPairSync, sign, verify } = require('node:crypto');
  const { parentPort, workerData } = require('node:worker_threads');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const message = Buffer.alloc(69, 7);
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' };
  const signature = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  let count = 0;
  const start = performance.now();
  while (performance.now() - start < workerData * 1000) {
    for (let i = 0; i < 50; i++) if (!verify('sha256', message, key, signature)) throw new Error('a good signature');
    count += 50;
  }
  parentPort.postMessage((count / (performance.now() - start)) * 1000);
`;

/** All cores at once, as an audit uses them; processor time in µs. */
async function bareVerifications(): Promise<{ readonly perSecond: number; readonly cpu: number }> {
  const before = process.cpuUsage();
  const rates = await Promise.all(
    Array.from(
      { length: availableParallelism() },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(BARE, { eval: true, workerData: BARE_SECONDS });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  const { user, system } = process.cpuUsage(before);
  const perSecond = rates.reduce((sum, rate) => sum + rate, 0);
  return { perSecond, cpu: (user + system) / (perSecond * BARE_SECONDS) };
}
