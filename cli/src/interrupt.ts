import { setMaxListeners } from 'node:events';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { say } from './terminal/output.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs work that a person may want to end: the first Ctrl-C (or SIGTERM) aborts the signal, whose reason is the CommandFailure
 * `interrupted`; the second ends the process at once. What the work keeps on disk has to be whole at any time anyway.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  // As many as there are requests at once, and none is forgotten: no leak to warn of.
  setMaxListeners(0, stop.signal);
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    say('stopping; once more to stop at once');
    stop.abort(new CommandFailure('interrupted', 'stopped before the end, because you asked for it'));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(stop.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}
