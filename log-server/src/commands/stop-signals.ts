import { constants } from 'node:os';

export type StopSignals = {
  /** Resolves at the first SIGINT or SIGTERM, also one that came before anybody waited. */
  readonly stopped: Promise<NodeJS.Signals>;
  dispose(): void;
};

/** The first signal asks for an orderly end; a second one ends the process at once, with 128 + its number. */
export function stopSignals(): StopSignals {
  let resolve: (signal: NodeJS.Signals) => void = () => undefined;
  let asked = false;
  const stopped = new Promise<NodeJS.Signals>((done) => {
    resolve = done;
  });
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(128 + constants.signals[signal]);
    asked = true;
    resolve(signal);
  };
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    stopped,
    dispose: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
