import type { Logger } from 'pino';
import { Problem } from '../problems.ts';
import type { Admission, AdmissionDepth } from './admission.ts';
import { AdmissionThread, MAX_ORDERS } from './admission-thread.ts';
import type { AppendRights } from './append-rights.ts';
import type { ConsumptionSubmission, Examined } from './examined.ts';
import type { ExaminedAs, WorkerSettings } from './worker-messages.ts';

/** Bytes of bodies that may be under examination; beyond it appends are refused, so that memory is bounded. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024;

/**
 * Records that come one by one go to one thread while it has fewer than these: several threads with a few records each
 * take a core from whoever stores and answers, and wake up more often. 256 of them are examined in 30 ms.
 */
const FULL = 256;

/** Examines on threads of their own, so that parsing and signature checks don't hold up whoever else is served. */
export class WorkerAdmission implements Admission {
  readonly threads: number;

  private readonly pool: readonly AdmissionThread[];
  private pendingBytes = 0;
  private pendingRecords = 0;

  constructor(settings: WorkerSettings, logger: Logger, threads: number) {
    this.threads = threads;
    this.pool = Array.from({ length: threads }, () => new AdmissionThread(settings, logger));
  }

  get depth(): AdmissionDepth {
    const threads = this.pool.filter((thread) => thread.alive).length;
    return { records: this.pendingRecords, bytes: this.pendingBytes, threads };
  }

  examine(body: Uint8Array, rights: AppendRights): Promise<Examined> {
    return this.examineAs(body, rights, 'entry');
  }

  async examineConsumption(body: Uint8Array, rights: AppendRights): Promise<ConsumptionSubmission> {
    const examined = await this.examineAs(body, rights, 'consumption');
    if ('consumes' in examined) return examined;
    throw new Error('an admission thread answered another question');
  }

  async examineAll(bodies: readonly Uint8Array[], rights: AppendRights): Promise<(Examined | Problem)[]> {
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    return this.bounded(bytes, bodies.length, async () => {
      const pieces: Promise<(Examined | Problem)[]>[] = [];
      for (let first = 0; first < bodies.length; first += MAX_ORDERS) {
        pieces.push(this.idlest.examineAll(bodies.slice(first, first + MAX_ORDERS), rights));
      }
      return (await Promise.all(pieces)).flat();
    });
  }

  private get idlest(): AdmissionThread {
    return this.pool.reduce((best, thread) => (thread.load < best.load ? thread : best));
  }

  /** For records that come one by one: the first thread that is not {@link FULL}. */
  private get busiest(): AdmissionThread {
    return this.pool.find((thread) => thread.load < FULL) ?? this.idlest;
  }

  private examineAs(body: Uint8Array, rights: AppendRights, as: ExaminedAs): Promise<Examined> {
    return this.bounded(body.length, 1, () => this.busiest.examine(body, rights, as));
  }

  private async bounded<T>(bytes: number, records: number, examine: () => Promise<T>): Promise<T> {
    if (this.pendingBytes + bytes > MAX_PENDING_BYTES) {
      const message =
        'More records wait to be examined than the log can hold. Nothing was stored; try again after a pause.';
      throw new Problem('overloaded', message, { retryAfter: 1 });
    }
    this.pendingBytes += bytes;
    this.pendingRecords += records;
    try {
      return await examine();
    } finally {
      this.pendingBytes -= bytes;
      this.pendingRecords -= records;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.pool.map((thread) => thread.close()));
  }
}

/**
 * How many threads suit a server that has so many cores to itself: one for each core but the one that answers requests. Of
 * two cores both: to examine a record of a batch takes longer than everything else that is done with it, so one thread would
 * be what all the others wait for.
 */
export function threadsFor(cores: number): number {
  return Math.max(Math.min(2, cores), cores - 1);
}
