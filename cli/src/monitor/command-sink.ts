import { spawn } from 'node:child_process';
import type { Sink } from './outbox.ts';

/**
 * Runs a program for each event, without a shell, so that nothing in an event is ever taken for a command. It gets the event on
 * standard input, and acknowledges it by exit code 0. What it prints goes to our standard error, as standard output is data.
 */
export function commandSink(program: string, args: readonly string[], timeoutMs: number): Sink {
  return {
    name: 'command',
    deliver: (event, signal) =>
      new Promise((resolve, reject) => {
        // Not its business, and it may print its environment.
        const { ASSENT_WEBHOOK_SECRET: _, ...env } = process.env;
        const child = spawn(program, args, {
          env,
          stdio: ['pipe', 'pipe', 'inherit'],
          timeout: timeoutMs,
          killSignal: 'SIGKILL',
        });
        const stop = (): void => {
          child.kill('SIGKILL');
        };
        signal.addEventListener('abort', stop, { once: true });
        child.once('error', (error: NodeJS.ErrnoException) => {
          signal.removeEventListener('abort', stop);
          reject(
            new Error(
              `${program} cannot be run: ${error.code === 'ENOENT' ? 'there is no such program' : error.message}`,
            ),
          );
        });
        child.once('close', (code, killedBy) => {
          signal.removeEventListener('abort', stop);
          if (code === 0) resolve();
          else
            reject(
              new Error(killedBy === null ? `${program} ended with ${code}` : `${program} was ended by ${killedBy}`),
            );
        });
        child.stdout.pipe(process.stderr, { end: false });
        // One that does not read it may still take it: its exit code says.
        child.stdin.on('error', () => undefined);
        child.stdin.end(`${JSON.stringify(event)}\n`);
      }),
  };
}
