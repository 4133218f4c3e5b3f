import type { ScrubState } from '../scrub/scrubber.ts';
import type { DatabaseFacts } from '../store/database-facts.ts';

/** A queue of records: how many are in it, and their bytes. */
export type QueueDepth = { readonly records: number; readonly bytes: number };

/** What a pool of connections says of itself; `pg.Pool` is one. */
export type PoolDepth = {
  readonly totalCount: number;
  readonly idleCount: number;
  /** Requests that wait for a connection. */
  readonly waitingCount: number;
};

export const POOLS = ['append', 'read'] as const;
export type PoolName = (typeof POOLS)[number];

/** What the metrics ask for when somebody reads them. Each must answer at once, from memory. */
export type Sources = {
  /** The newest head that this process signed or knows to be signed; timestamp in ms since the epoch. */
  readonly head: () => { readonly size: number; readonly timestamp: number } | undefined;
  /** When the oldest head was committed that still waits for a signature (`performance.now()`), or undefined. */
  readonly unsignedSince: () => number | undefined;
  readonly stopped: () => boolean;
  readonly admission: () => QueueDepth & { readonly threads: number };
  readonly sequencer: () => QueueDepth;
  readonly pools: Readonly<Partial<Record<PoolName, PoolDepth>>>;
  /** The newest facts, or undefined while the database does not answer. */
  readonly database: () => DatabaseFacts | undefined;
  readonly scrub: () => ScrubState;
  /** Bytes that must stay free on it. */
  readonly diskReserve: () => number;
  /** The disk that holds the data directory, in bytes. */
  readonly disk: () => { readonly free: number; readonly total: number } | undefined;
};
