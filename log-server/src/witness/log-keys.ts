import type { NoteVerifier } from '@assent/verifier';

/** The keys of this log, as of now: a rotation changes them while the log runs. */
export type LogKeys = {
  /** Those that sign. */
  readonly active: () => readonly NoteVerifier[];
  /** These, and those that signed once: what they have signed binds the log for ever. */
  readonly known: () => readonly NoteVerifier[];
};
