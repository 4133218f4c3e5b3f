import { safeJson } from '../terminal/safe-text.ts';
import type { Sink } from './outbox.ts';

/** One line each. @param onClosed nobody reads any more (`| head`) */
export function stdoutSink(onClosed: () => void): Sink {
  return {
    name: 'stdout',
    deliver: (event) =>
      new Promise((resolve, reject) => {
        process.stdout.write(`${safeJson(JSON.stringify(event))}\n`, (error) => {
          if (!error) return resolve();
          onClosed();
          reject(error);
        });
      }),
  };
}
