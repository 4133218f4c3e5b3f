import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from '../statistics.ts';
import { eachRun, type MeasureGroup } from './measure-group.ts';

const HELP = '`assent --help`, from its start to its end';
const PROGRAM = fileURLToPath(new URL('../../cli/bin/assent.js', import.meta.url));
const STARTS = 11;

function startMs(args: readonly string[]): number {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [...args], { stdio: 'ignore' });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return ms;
}

/** What a person waits for who only asks what there is. Of it Node itself takes the second row. */
export const commandLine: MeasureGroup = {
  name: 'command-line',
  rows: [
    { key: HELP, name: HELP, unit: 'ms', atMost: 150 },
    { key: 'node', name: 'Node alone, likewise', unit: 'ms' },
  ],
  measure: eachRun(async (note) => {
    const starts = (args: readonly string[]) => median(Array.from({ length: STARTS }, () => startMs(args)));
    note(HELP, starts([PROGRAM, '--help']));
    note('node', starts(['-e', '0']));
  }),
};
