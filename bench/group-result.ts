import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Baselines } from './baselines.ts';
import { GENERATOR } from './generator.ts';
import type { MeasureGroup } from './measures/measure-group.ts';
import { median } from './statistics.ts';

const FOLDER = 'bench/results';

/** One measured figure; a bar is on the median of its samples, one a run. */
export type Measure = {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
  readonly median: number;
  /** The least, or the most, that is good enough; absent: no bar. */
  readonly atLeast?: number;
  readonly atMost?: number;
};

/** Under which conditions something was measured. */
export type Conditions = {
  readonly commit: string;
  readonly date: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGB: number; readonly node: string };
  readonly runs: number;
  /** What the machine verified at least in a second of processor time during each load; absent: nobody looked. */
  readonly quietP256PerSecond?: number;
  /** Which program sent the requests. */
  readonly generator: string;
  readonly baselines: Baselines;
};

/** Of one group, in a file of its own: groups that were measured at different times stand in one table. */
export type GroupResult = Conditions & {
  readonly measures: readonly Measure[];
  /** A sentence for below the table. */
  readonly remark?: string;
};

export function isMet({ median, atLeast, atMost }: Measure): boolean {
  return (atLeast === undefined || median >= atLeast) && (atMost === undefined || median <= atMost);
}

export function currentConditions(runs: number, baselines: Baselines, quiet: number | undefined): Conditions {
  return {
    commit: execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { encoding: 'utf8' }).trim(),
    date: new Date().toISOString().slice(0, 10),
    machine: {
      cpu: cpus()[0]!.model,
      cores: cpus().length,
      memoryGB: Math.round(totalmem() / 2 ** 30),
      node: process.versions.node,
    },
    runs,
    ...(quiet !== undefined && { quietP256PerSecond: quiet }),
    generator: GENERATOR,
    baselines,
  };
}

/** Measures a group, and writes its result. Throws an Error if it left out one of its rows. */
export async function measureGroup(
  { name, rows, measure }: MeasureGroup,
  conditions: Conditions,
): Promise<GroupResult> {
  const samples = new Map<string, number[]>(rows.map(({ key }) => [key, []]));
  const remark = await measure((key, value) => {
    const known = samples.get(key);
    if (known === undefined) throw new Error(`${name} has no row "${key}"`);
    known.push(value);
  }, conditions.runs);
  const measures = rows.map(({ key, ...row }) => {
    const values = samples.get(key)!;
    if (values.length === 0) throw new Error(`${name} did not measure "${key}"`);
    return { ...row, samples: values, median: median(values) };
  });
  const result = { ...conditions, ...(remark !== undefined && { remark }), measures };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(name), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** What was last measured of these groups, in their order; those that never were are left out. */
export function readResults(groups: readonly MeasureGroup[]): GroupResult[] {
  return groups
    .map(({ name }) => fileOf(name))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as GroupResult);
}

function fileOf(group: string): string {
  return join(FOLDER, `${group}.json`);
}
