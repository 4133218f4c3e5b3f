import { type Conditions, type GroupResult, isMet } from './group-result.ts';

/** The table for README, with MISSED where a bar is not met, and below it how all that was measured. */
export function formatTable(results: readonly GroupResult[]): string {
  // One in most cases; else each row says which of them was its own.
  const conditions = [...new Set(results.map(conditionsOf))];
  const rows = results.flatMap((result) => {
    const note = conditions.length > 1 ? ` (${conditions.indexOf(conditionsOf(result)) + 1})` : '';
    return result.measures.map((measure) => {
      const { name, unit, median, atLeast, atMost } = measure;
      const bar = atLeast !== undefined ? `≥ ${number(atLeast)}` : atMost !== undefined ? `≤ ${number(atMost)}` : '';
      return `| ${name}${note} | ${number(median)} ${unit} | ${bar && `${bar} ${unit}`} | ${bar === '' ? '' : isMet(measure) ? 'met' : '**MISSED**'} |`;
    });
  });
  const captions = conditions.map(
    (each, i) => `${conditions.length > 1 ? `(${i + 1}) ` : ''}${caption(JSON.parse(each))}`,
  );
  const remarks = results.flatMap(({ remark }) => remark ?? []);
  const source = 'Made by `npm run bench`, with every sample in `bench/results/`.';
  return [
    '| measure | median | bar | |',
    '|---|---|---|---|',
    ...rows,
    '',
    [...captions, ...remarks, source].join(' '),
  ].join('\n');
}

function conditionsOf({ measures: _, remark: __, ...conditions }: GroupResult): string {
  return JSON.stringify(conditions);
}

function caption({ commit, date, machine, runs, quietP256PerSecond, generator, baselines }: Conditions): string {
  const quiet =
    quietP256PerSecond === undefined
      ? ''
      : ` A load was measured again when the machine, which others use, too, meanwhile verified fewer than ${number(quietP256PerSecond)} P-256 signatures in a second of processor time.`;
  const { fsyncMicroseconds, p256PerSecond, emptyPostsPerSecond } = baselines;
  return `Medians of ${runs} runs on ${machine.cores} cores (${machine.cpu}, ${machine.memoryGB} GB, Node ${machine.node}) that server, Postgres and load generator (${generator}) share; commit ${commit}, ${date}. In the same run: fsync ${number(fsyncMicroseconds)} µs, ${number(p256PerSecond)} bare P-256 verifications/s, ${number(emptyPostsPerSecond)} empty POSTs/s.${quiet}`;
}

function number(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: digits });
}
