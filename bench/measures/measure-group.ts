/** One line of the table, before it was measured. A bar is on the median of the runs. */
export type Row = {
  readonly key: string;
  readonly name: string;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
};

/** Takes one sample of a row. */
export type Note = (key: string, value: number) => void;

/** What is measured together, usually on a server of its own. `bench/groups.ts` lists them. */
export type MeasureGroup = {
  /** What the command calls it, and its file in `bench/results/`. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** It takes many minutes: it is measured when it is named, and not with all others. */
  readonly long?: boolean;
  /** Notes each row's key once a run. May resolve with a sentence for below the table. */
  readonly measure: (note: Note, runs: number) => Promise<string | undefined>;
};

/** Of a group that shares nothing between its runs. */
export function eachRun(measureOnce: (note: Note) => Promise<void>): MeasureGroup['measure'] {
  return async (note, runs) => {
    for (let run = 1; run <= runs; run++) await measureOnce(note);
    return undefined;
  };
}
