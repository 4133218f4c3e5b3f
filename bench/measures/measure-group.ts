/** One line of the table, before it was measured. A bar is on the median of the runs. */
export type Row = {
  readonly key: string;
  readonly name: string;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
};

/** Takes one sample. */
export type Note = (key: string, value: number) => void;

/** What one run measures together, usually on a server of its own. `measure` notes each row's key once. */
export type MeasureGroup = {
  readonly rows: readonly Row[];
  readonly measure: (note: Note) => Promise<void>;
};
