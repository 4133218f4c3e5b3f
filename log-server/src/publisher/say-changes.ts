import type { Logger } from 'pino';
import type { LogChange } from '../log-timeline.ts';

/** Tells the operator of a running server what a command changed beside it: from here on it signs, or refuses, otherwise. */
export function sayChanges(changes: readonly LogChange[], logger: Pick<Logger, 'warn'>): void {
  for (const change of changes) {
    const facts = {
      head: change.seq,
      at: new Date(change.at).toISOString(),
      ...(change.kind === 'close' && { successor: change.successor, reason: change.reason }),
    };
    logger.warn(facts, WORDS[change.kind]);
  }
}

const WORDS: Readonly<Record<LogChange['kind'], string>> = {
  'rotate-start': 'a rotation has begun: the next log key signs as well',
  'rotate-finish': 'the rotation is finished: the next log key signs alone',
  'rotate-cancel': 'the rotation was cancelled: the log key signs alone again',
  close: 'the log is closed: it takes no entries any more',
};
