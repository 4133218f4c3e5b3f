import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerMessage } from './fellow-servers.ts';
import { CommandFailed } from './keys.ts';
import { stopSignals } from './stop-signals.ts';

/** `how` goes on from "Server process 2 of 4". */
type End = { readonly number: number; readonly how: string; readonly code: number; readonly inOrder: boolean };

/** For how long the others may take to end when one has ended by itself, in ms: longer than a request under way may take. */
const LEAVE_MS = 30_000;

/**
 * Runs so many servers on one port, each in a process of its own that has the arguments of this one, until SIGINT or SIGTERM; then
 * all of them end orderly. Connections go to them in turn. When one ends by itself, so do all: whatever supervises the log starts
 * them again together, as it does with a single one. None outlives this process for long.
 *
 * @throws {CommandFailed} with the exit code of the server that ended by itself, or not in order
 */
export async function superviseServers(count: number): Promise<void> {
  const signals = stopSignals();
  const { tell, isHere } = passMessagesOn();
  const workers: Worker[] = [];
  const ends: Promise<End>[] = [];
  const start = (): Promise<'listening'> => {
    const number = ends.length + 1;
    let worker: Worker;
    try {
      worker = cluster.fork();
    } catch (error) {
      ends.push(Promise.resolve(notStarted(number, error)));
      return new Promise(() => undefined);
    }
    workers.push(worker);
    ends.push(endOf(worker, number, isHere));
    return new Promise((resolve) => worker.once('listening', () => resolve('listening')));
  };
  const kill = (): void => {
    for (const worker of workers) worker.process.kill('SIGKILL');
  };
  // As one server ends at once at a second signal.
  process.once('exit', kill);
  const asked = signals.stopped.then(() => undefined);
  // A new log's keys and database are the first one's to make, and a wrong setting is said once.
  const listens = start();
  let unasked = await Promise.race([asked, listens, ...ends]);
  if (unasked === 'listening') {
    for (let number = 2; number <= count; number++) void start();
    unasked = await Promise.race([asked, ...ends]);
  }
  tell({ kind: 'stop' });
  if (unasked !== undefined) {
    process.stderr.write(
      `assent-log: Server process ${unasked.number} of ${count} ${unasked.how}: all are being stopped.\n`,
    );
    // One that hangs would keep the others from being started again.
    void delay(LEAVE_MS, undefined, { ref: false }).then(kill);
  }
  const ended = await Promise.all(ends);
  signals.dispose();
  const failed = unasked ?? ended.find(({ inOrder }) => !inOrder);
  if (failed !== undefined) {
    const so = unasked === undefined ? '' : ', so all of them have been stopped';
    throw new CommandFailed(`Server process ${failed.number} of ${count} ${failed.how}${so}.`, failed.code || 1);
  }
}

/** What one server says is told to all others, also to those that start later. */
function passMessagesOn(): {
  readonly tell: (message: ServerMessage) => void;
  /** Whether it has said so. */
  readonly isHere: (worker: Worker) => boolean;
} {
  const told: ServerMessage[] = [];
  const here = new Set<Worker>();
  const tell = (message: ServerMessage, sender?: Worker): void => {
    told.push(message);
    for (const worker of here) if (worker !== sender) send(worker, message);
  };
  cluster.on('message', (sender, message: ServerMessage) => {
    if (message.kind !== 'here') return tell(message, sender);
    here.add(sender);
    for (const earlier of told) send(sender, earlier);
  });
  return { tell, isHere: (worker) => here.has(worker) };
}

function send(worker: Worker, message: ServerMessage): void {
  // One that is gone meanwhile has nothing to be told any more.
  if (worker.isConnected()) worker.send(message, () => undefined);
}

function endOf(worker: Worker, number: number, isHere: (worker: Worker) => boolean): Promise<End> {
  return new Promise((resolve) => {
    worker.once('error', (error) => resolve(notStarted(number, error)));
    worker.once('exit', (code: number | null, signal: NodeJS.Signals | null) => {
      // A Ctrl-C goes to all of them, and ends one that has just been started before it can do so in order.
      const isEarly = (signal === 'SIGINT' || signal === 'SIGTERM') && !isHere(worker);
      const how = `ended ${signal ? `by ${signal}` : `with code ${code}`}`;
      resolve({ number, how, code: code ?? 0, inOrder: code === 0 || isEarly });
    });
  });
}

function notStarted(number: number, error: unknown): End {
  const why = error instanceof Error ? error.message : String(error);
  return { number, how: `could not be started (${why})`, code: 1, inOrder: false };
}
