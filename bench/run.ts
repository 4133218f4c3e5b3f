/**
 * `npm run bench [-- [--runs N] [--quiet P256] [group…]]`: measures the built server and the verifier, writes each group's result to
 * bench/results/, and puts one table of all of them into README.md. Nothing else should run on the machine; every bar is on
 * the median of the runs. Without names it measures all groups but the long ones; `--list` says which there are, and
 * `--table` only writes the table again.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureBaselines } from './baselines.ts';
import { ADVICE } from './generator.ts';
import { currentConditions, isMet, measureGroup, readResults } from './group-result.ts';
import { GROUPS } from './groups.ts';
import type { MeasureGroup } from './measures/measure-group.ts';
import { insistOnQuiet, untilQuiet } from './quiet.ts';
import { writeReadmeTable } from './readme.ts';
import { formatTable } from './table.ts';

const FOLDER = 'bench/tmp';

const { values, positionals } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    quiet: { type: 'string' },
    list: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

function chosen(names: readonly string[]): readonly MeasureGroup[] {
  const unknown = names.find((name) => !GROUPS.some((group) => group.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no group "${unknown}", but: ${GROUPS.map(({ name }) => name).join(', ')}`);
  }
  return GROUPS.filter(({ name, long }) => (names.length === 0 ? long !== true : names.includes(name)));
}

async function measure(groups: readonly MeasureGroup[], runs: number, quiet: number | undefined): Promise<void> {
  if (ADVICE !== undefined) process.stderr.write(`${ADVICE}\n`);
  if (quiet !== undefined) insistOnQuiet(quiet);
  await untilQuiet();
  const conditions = currentConditions(runs, await measureBaselines(FOLDER), quiet);
  for (const group of groups) {
    process.stderr.write(`${group.name}\n`);
    const { measures } = await measureGroup(group, conditions);
    for (const each of measures) if (!isMet(each)) process.stderr.write(`MISSED: ${each.name}\n`);
  }
  rmSync(FOLDER, { recursive: true, force: true });
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${flag} takes a whole number from 1`);
  return value;
}

const runs = wholeNumber('--runs', values.runs);
const quiet = values.quiet === undefined ? undefined : wholeNumber('--quiet', values.quiet);
if (values.list) {
  for (const { name, long, rows } of GROUPS) {
    process.stdout.write(`${name}${long === true ? ' (only when named)' : ''}: ${rows[0]!.name}, …\n`);
  }
} else {
  if (!values.table) await measure(chosen(positionals), runs, quiet);
  const table = formatTable(readResults(GROUPS));
  writeReadmeTable(table);
  process.stdout.write(`${table}\n`);
}
