import type { Baselines } from './baselines.ts';

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

export type BenchResult = {
  readonly commit: string;
  readonly date: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGB: number; readonly node: string };
  readonly runs: number;
  readonly baselines: Baselines;
  /** Of the database, where the growth of the log was measured. */
  readonly databaseSettings?: Readonly<Record<string, string>>;
  readonly measures: readonly Measure[];
};

export function isMet({ median, atLeast, atMost }: Measure): boolean {
  return (atLeast === undefined || median >= atLeast) && (atMost === undefined || median <= atMost);
}

/** The table for README, with MISSED where a bar is not met. */
export function formatTable(result: BenchResult): string {
  const { commit, date, machine, runs, baselines, databaseSettings = {}, measures } = result;
  const settings = Object.entries(databaseSettings).map(([name, value]) => `${name} = ${value}`);
  const rows = measures.map((measure) => {
    const { name, unit, median, atLeast, atMost } = measure;
    const bar = atLeast !== undefined ? `≥ ${number(atLeast)}` : atMost !== undefined ? `≤ ${number(atMost)}` : '';
    return `| ${name} | ${number(median)} ${unit} | ${bar && `${bar} ${unit}`} | ${bar === '' ? '' : isMet(measure) ? 'met' : '**MISSED**'} |`;
  });
  return [
    '| measure | median | bar | |',
    '|---|---|---|---|',
    ...rows,
    '',
    `Medians of ${runs} runs on ${machine.cores} cores (${machine.cpu}, ${machine.memoryGB} GB, Node ${machine.node}) that server, Postgres and load generator share; commit ${commit}, ${date}. In the same run: fsync ${number(baselines.fsyncMicroseconds)} µs, ${number(baselines.p256PerSecond)} bare P-256 verifications/s, ${number(baselines.emptyPostsPerSecond)} empty POSTs/s.${settings.length > 0 ? ` Database of the 5 million entries: ${settings.join(', ')}.` : ''} Made by \`npm run bench\`, with every sample in \`bench/results/latest.json\`.`,
  ].join('\n');
}

function number(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: digits });
}
