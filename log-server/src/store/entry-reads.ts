import type pg from 'pg';
import { GROUP_WIDTH } from '../tree/tile-cache.ts';
import { BLOCK_ENTRIES } from './append-batch.ts';
import { boolArray, int8Array } from './binary-array.ts';

/** What is stored of one entry, as it is: nothing of it has been compared with anything. */
export type StoredEntry = {
  /** The block that should hold the entry: its first index, and the beginning of its deflated bundle. Undefined when there is none. */
  readonly block: { readonly first: number; readonly beginning: Buffer } | undefined;
  /** The entry's group of leaf hashes (`tree/tile-cache.ts`), if it was asked for and is stored as a whole. */
  readonly leaves: Buffer | undefined;
};

/**
 * Added to an entry's share of its block, in part: the first entry takes more than the others, which deflate refers back to
 * it, and from there to the end what is missing comes down to nothing. Of approvals it is up to 700 bytes.
 */
const SLACK_BYTES = 1_024;

const GROUP_BYTES = 32 * GROUP_WIDTH;

/**
 * For each index the last block that begins at or before it, up to where the entry most likely ends, and the eight leaf
 * hashes around it: from the block's row where all of them are in it, else from the tile. All of these are single look-ups,
 * whatever the size of the log, and only those parts are read from disk, sent and decoded.
 */
const READ = {
  name: 'read-entries',
  text: `SELECT i, b.first, b.beginning, CASE
    WHEN NOT leaves THEN NULL
    WHEN lowest >= b.first AND lowest + ${GROUP_WIDTH} <= b.first + b.count
      THEN substring(b.leaf_hashes FROM ((lowest - b.first) * 32 + 1)::int FOR ${GROUP_BYTES})
    ELSE (SELECT substring(t.hashes FROM (lowest % 256 * 32 + 1)::int FOR ${GROUP_BYTES})
      FROM tiles t WHERE t.level = 0 AND t.n = i / 256) END
  FROM unnest($1::int8[], $2::bool[]) AS q(i, leaves)
  CROSS JOIN LATERAL (SELECT i - i % ${GROUP_WIDTH} AS lowest) AS g
  LEFT JOIN LATERAL (
    SELECT first, count, leaf_hashes,
      substring(data FROM 1 FOR ((octet_length(data) * (i - first + 1) + ${SLACK_BYTES} * (count - (i - first + 1))) / count)::int + 1)
        AS beginning
    FROM blocks WHERE first <= i AND first > i - ${BLOCK_ENTRIES} ORDER BY first DESC LIMIT 1
  ) AS b ON true`,
  rowMode: 'array',
  binary: true,
} as const;

type Row = [index: number, first: number | null, beginning: Buffer | null, leaves: Buffer | null];

/** Queries at a time. */
const AT_ONCE = 2;
const MOST_A_QUERY = 64;
/**
 * To both sides a query costs as much as five of its entries or more, beside them. So while one is under way others gather, until
 * they are worth a query of their own, or until the one under way takes so long (in ms) that it must be waiting for a disk.
 */
const WORTH_A_QUERY = 32;
const LONG_MS = 10;

type Waiting = {
  leaves: boolean;
  readonly callers: { readonly resolve: (stored: StoredEntry) => void; readonly reject: (error: unknown) => void }[];
};
type Batch = Map<number, Waiting>;

/** Reads single entries, those that are asked for at about the same time with one query. */
export class EntryReads {
  private readonly pool: Pick<pg.Pool, 'query'>;
  private waiting: Batch = new Map();
  private running = 0;
  /** Those of them that don't take long. */
  private quick = 0;
  private scheduled = false;

  constructor(pool: Pick<pg.Pool, 'query'>) {
    this.pool = pool;
  }

  /** Rejects as the database does. `leaves`: with the leaf hashes around it. */
  read(index: number, { leaves }: { readonly leaves: boolean }): Promise<StoredEntry> {
    return new Promise((resolve, reject) => {
      const waiting = this.waiting.get(index) ?? { leaves: false, callers: [] };
      waiting.leaves ||= leaves;
      waiting.callers.push({ resolve, reject });
      this.waiting.set(index, waiting);
      this.schedule();
    });
  }

  /**
   * Two turns of the event loop: in the first one requests come that arrived together, in the second those of clients who
   * have just got the answers of the query before.
   */
  private schedule(): void {
    if (this.scheduled || !this.isDue) return;
    this.scheduled = true;
    setImmediate(() => {
      setImmediate(() => {
        this.scheduled = false;
        while (this.isDue) void this.run(this.take());
      });
    });
  }

  private get isDue(): boolean {
    return this.running < AT_ONCE && this.waiting.size >= (this.quick === 0 ? 1 : WORTH_A_QUERY);
  }

  /** A Map that is not used again: see `http/last-answers.ts` for what one does in which much comes and goes. */
  private take(): Batch {
    const [batch, rest] = this.waiting.size <= MOST_A_QUERY ? [this.waiting, []] : divided(this.waiting);
    this.waiting = new Map(rest);
    return batch;
  }

  private async run(batch: Batch): Promise<void> {
    let isQuick = true;
    const endQuick = (): void => {
      if (isQuick) this.quick--;
      isQuick = false;
    };
    const timer = setTimeout(() => {
      endQuick();
      this.schedule();
    }, LONG_MS);
    this.running++;
    this.quick++;
    try {
      const indexes = int8Array([...batch.keys()]);
      const leaves = boolArray(Array.from(batch.values(), (waiting) => waiting.leaves));
      const { rows } = await this.pool.query<Row>({ ...READ, values: [indexes, leaves] });
      for (const [index, first, beginning, group] of rows) {
        const block = first !== null && beginning !== null ? { first, beginning } : undefined;
        for (const { resolve } of batch.get(index)!.callers) resolve({ block, leaves: group ?? undefined });
      }
    } catch (error) {
      for (const { callers } of batch.values()) for (const { reject } of callers) reject(error);
    } finally {
      clearTimeout(timer);
      endQuick();
      this.running--;
      this.schedule();
    }
  }
}

function divided(waiting: Batch): [Batch, [number, Waiting][]] {
  const all = [...waiting];
  return [new Map(all.slice(0, MOST_A_QUERY)), all.slice(MOST_A_QUERY)];
}
