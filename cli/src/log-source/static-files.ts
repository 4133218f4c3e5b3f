/** Why there is no file: there is none of that name, or it is not handed out for legal reasons (451). */
export type NoFile = 'absent' | 'withheld';

/** The files of a log, under the names of tlog-tiles. */
export interface StaticFiles {
  /** For messages. */
  readonly name: string;
  /** At most `maxBytes`. Throws CommandFailure for more, and if it cannot be told whether there is such a file. */
  read(path: string, maxBytes: number): Promise<Uint8Array | NoFile>;
  close(): Promise<void>;
}
