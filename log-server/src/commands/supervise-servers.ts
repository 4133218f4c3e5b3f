import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { ServerMessage } from './fellow-servers.ts';
import { CommandFailed } from './keys.ts';
import { stopSignals } from './stop-signals.ts';

type End = { readonly number: number; readonly code: number | null; readonly signal: string | null };

/**
 * Runs so many servers on one port, each in a process of its own that has the arguments of this one, until SIGINT or SIGTERM; then
 * all of them end orderly. Connections go to them in turn. When one ends by itself, so do all: whatever supervises the log starts
 * them again together, as it does with a single one.
 *
 * @throws {CommandFailed} with the exit code of the server that ended by itself, or not in order
 */
export async function superviseServers(count: number): Promise<void> {
  const signals = stopSignals();
  const ends: Promise<End>[] = [];
  const told: ServerMessage[] = [];
  const tell = (message: ServerMessage, sender?: Worker): void => {
    told.push(message);
    for (const worker of Object.values(cluster.workers ?? {})) {
      if (worker !== undefined && worker !== sender) send(worker, message);
    }
  };
  cluster.on('message', (sender, message: ServerMessage) => {
    if (message.kind !== 'here') tell(message, sender);
    else for (const earlier of told) send(sender, earlier);
  });
  const start = (): Worker => {
    const worker = cluster.fork();
    ends.push(once(worker, 'exit').then(([code, signal]) => ({ number: worker.id, code, signal })));
    return worker;
  };
  try {
    const asked = signals.stopped.then(() => undefined);
    // A new log's keys and database are the first one's to make, and a wrong setting is said once.
    const listens = once(start(), 'listening').then(() => 'listening' as const);
    let unasked = await Promise.race([asked, listens, ...ends]);
    if (unasked === 'listening') {
      for (let number = 2; number <= count; number++) start();
      unasked = await Promise.race([asked, ...ends]);
    }
    tell({ kind: 'stop' });
    const ended = await Promise.all(ends);
    const failed = unasked ?? ended.find(({ code }) => code !== 0);
    if (failed !== undefined) {
      const so = unasked === undefined ? '' : ', so all of them have been stopped';
      throw new CommandFailed(`${describeEnd(failed, count)}${so}.`, failed.code || 1);
    }
  } finally {
    signals.dispose();
  }
}

function send(worker: Worker, message: ServerMessage): void {
  // One that is gone meanwhile has nothing to be told any more.
  if (worker.isConnected()) worker.send(message, () => undefined);
}

function describeEnd({ number, code, signal }: End, count: number): string {
  return `Server process ${number} of ${count} ended ${signal ? `by ${signal}` : `with code ${code}`}`;
}
