import type { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { Problem } from '../problems.ts';
import { startThread } from '../start-thread.ts';
import type { AppendRights } from './append-rights.ts';
import type { Examined } from './examined.ts';
import type { ExamineAnswer, ExaminedAs, ExamineOrders, WorkerSettings } from './worker-messages.ts';

type Order = { readonly id: number; readonly body: Uint8Array; readonly rights: AppendRights; readonly as: ExaminedAs };
/** Told what became of a record; an Error that is no Problem is a defect. */
type Settle = (result: Examined | Error) => void;

/** Records in one message: more save wake-ups, fewer let the first ones go on to the database sooner. */
export const MAX_ORDERS = 32;
const RESTART_MS = 200;
/** What a record leaves behind is garbage at once, so that hardly anything is copied however small this is. */
const YOUNG_GENERATION_MB = 12;

/** One worker thread that examines, and is started again when it fails. */
export class AdmissionThread {
  private readonly settings: WorkerSettings;
  private readonly logger: Logger;
  /** Undefined for a moment after it failed. */
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Settle>();
  private orders: Order[] = [];
  private nextId = 0;

  constructor(settings: WorkerSettings, logger: Logger) {
    this.settings = settings;
    this.logger = logger;
    this.worker = this.start();
  }

  get alive(): boolean {
    return this.worker !== undefined;
  }

  /** How many records it has; a thread that failed has more than any other. */
  get load(): number {
    return this.worker === undefined ? Number.POSITIVE_INFINITY : this.pending.size;
  }

  /** Throws a Problem, as `examineBody` and `examineConsumption` do. */
  examine(body: Uint8Array, rights: AppendRights, as: ExaminedAs): Promise<Examined> {
    return new Promise((resolve, reject) => {
      this.order(body, rights, as, (result) => (result instanceof Error ? reject(result) : resolve(result)));
    });
  }

  /** The same of many, at least one, with one promise for all of them: what is refused is a Problem in its place. */
  examineAll(bodies: readonly Uint8Array[], rights: AppendRights): Promise<(Examined | Problem)[]> {
    return new Promise((resolve, reject) => {
      const results: (Examined | Problem)[] = new Array(bodies.length);
      let left = bodies.length;
      for (const [i, body] of bodies.entries()) {
        this.order(body, rights, 'entry', (result) => {
          if (result instanceof Error && !(result instanceof Problem)) return reject(result);
          results[i] = result;
          left--;
          if (left === 0) resolve(results);
        });
      }
    });
  }

  private order(body: Uint8Array, rights: AppendRights, as: ExaminedAs, settle: Settle): void {
    if (this.worker === undefined) {
      settle(notExamined());
      return;
    }
    const id = this.nextId++;
    this.pending.set(id, settle);
    // At the end of this turn of the event loop: one message wakes the thread, not each record.
    if (this.orders.length === 0) setImmediate(() => this.send());
    this.orders.push({ id, body, rights, as });
  }

  /** What is examined after this, or still, is refused. */
  async close(): Promise<void> {
    const { worker } = this;
    worker?.removeAllListeners('exit');
    this.worker = undefined;
    this.refusePending();
    await worker?.terminate();
  }

  private send(): void {
    while (this.orders.length > 0) {
      const orders = together(this.orders.splice(0, MAX_ORDERS));
      // Handed over, not copied once more.
      this.worker?.postMessage(orders, [orders.bodies.buffer]);
    }
  }

  private start(): Worker {
    const worker = startThread(new URL('./worker.js', import.meta.url), {
      workerData: this.settings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    worker.on('message', (answers: readonly ExamineAnswer[]) => {
      for (const answer of answers) this.settle(answer);
    });
    worker.on('error', (err) => this.logger.error({ err }, 'an admission thread failed'));
    worker.on('exit', () => this.recover());
    return worker;
  }

  private settle(answer: ExamineAnswer): void {
    const settle = this.pending.get(answer.id);
    this.pending.delete(answer.id);
    if ('examined' in answer) settle?.(answer.examined);
    else if ('problem' in answer) {
      settle?.(new Problem(answer.problem.code, answer.problem.message, answer.problem.extras));
    } else settle?.(new Error(answer.defect));
  }

  /** Whatever it was examining is refused: nothing of it is stored, and the caller may send it again. */
  private recover(): void {
    this.worker = undefined;
    this.refusePending();
    setTimeout(() => {
      this.worker = this.start();
    }, RESTART_MS).unref();
  }

  private refusePending(): void {
    const pending = [...this.pending.values()];
    this.pending.clear();
    this.orders = [];
    for (const settle of pending) settle(notExamined());
  }
}

/** Ids are handed out one after the other, so the first one names them all. */
function together(orders: readonly Order[]): ExamineOrders {
  let end = 0;
  const ends = orders.map(({ body }) => {
    end += body.length;
    return end;
  });
  // In memory of its own, which can be handed over, and which is about to be filled.
  const bodies = Buffer.allocUnsafeSlow(end);
  for (const [i, { body }] of orders.entries()) bodies.set(body, ends[i]! - body.length);
  const rights = orders.map((order) => order.rights);
  return { firstId: orders[0]!.id, bodies, ends, rights, as: orders.map((order) => order.as) };
}

function notExamined(): Problem {
  const message = 'The record could not be examined. Nothing was stored; send it again.';
  return new Problem('internal', message, { retryAfter: 1 });
}
