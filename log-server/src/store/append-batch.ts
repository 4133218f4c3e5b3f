import { deflateRawSync } from 'node:zlib';
import { formatBundle } from '@assent/verifier';
import type pg from 'pg';
import { TRANSACTION_BOUND } from '../database/transaction-bound.ts';
import type { FullTile } from '../tree/tree-edge.ts';
import { int4Array, int8Array, prefixArray } from './binary-array.ts';
import { blindCommitments, type Sealing, sealedRows } from './sealed.ts';

/** One head of the insert-only chain. `timestamp` is in ms since the epoch and grows with every head. */
export type Head = {
  readonly seq: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly timestamp: number;
};

/** What a batch adds for one entry. `statement` and `identity` are 32-byte digests, each at most once in the log. */
export type BatchEntry = {
  readonly bytes: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly statement: Uint8Array;
  readonly identity: Uint8Array;
  /** The id of the API key that appends it, as a number; null: the server itself. */
  readonly apiKey: number | null;
  /** Of a sealed entry, blind or not. */
  readonly sealing?: Sealing;
};

export type Batch = {
  readonly previous: Head;
  readonly next: Head;
  readonly entries: readonly BatchEntry[];
  readonly fullTiles: readonly FullTile[];
};

/** An entry of the batch whose statement, identity or commitment the log already holds, and the index that holds it. */
export type Taken = { readonly position: number; readonly index: number };

export type AppendResult =
  | { readonly outcome: 'appended' }
  | { readonly outcome: 'taken'; readonly taken: readonly Taken[] }
  /** The chain does not end with `previous`, or another process was faster: nothing was stored. */
  | { readonly outcome: 'superseded' };

/** Entries that share one deflated block: more share better, fewer are read faster. */
export const BLOCK_ENTRIES = 16;

/**
 * The whole append as one autocommit statement at READ COMMITTED. The head that it inserts is the lock: two appends
 * that extend the same head meet on its primary key, the later one waits until the earlier one's outcome is known, and
 * then stores nothing. No lock is held while client code runs, so a stalled process can't stop its peers.
 *
 * A commitment is in the log once: `checked` (sealed, with what is kept of its content) looks for the same one that is
 * blind, `blind` for the same one that was checked. Without sealed entries both are empty, and cost nothing.
 * The statement and the identity of a blind one are the same digest, which nothing else can have (`admission/blind.ts`), so
 * it is looked for once.
 *
 * Why the look-up of `taken` can't miss a record: this snapshot holds head n (`previous` was found in it), so it holds
 * everything that was committed with the heads up to n; and if anything was committed after n, then it took n+1, and
 * our insert of n+1 does nothing. For the same reason nothing comes after the head that closed the log. (Lock-then-read in one statement forks: its snapshot is older than its wait.)
 */
const APPEND = `
WITH previous AS (
  SELECT 1 FROM heads WHERE seq = $1 AND size = $2 AND root = $3
    AND NOT EXISTS (SELECT 1 FROM log_changes WHERE seq = $1 AND kind = 'close')
), incoming AS (
  SELECT i, substring($8::bytea FROM i * 64 + 1 FOR 32) AS statement, substring($8::bytea FROM i * 64 + 33 FOR 32) AS identity,
    ($9::int8[])[i + 1] AS statement8, ($10::int8[])[i + 1] AS identity8
  FROM generate_series(0, $7::int - 1) AS i
), checked AS (
  SELECT * FROM jsonb_to_recordset($19::jsonb) AS c(i int, commitment text, commitment8 int8, blind text, blind8 int8,
    content text, statement text, service text, id text, decision text, intent text, use text, expires_at int8, boundaries text[])
), blind AS (
  SELECT ($20::int[])[n] AS i, ($21::int8[])[n] AS commitment8, substring($22::bytea FROM n * 32 - 31 FOR 32) AS commitment
  FROM generate_series(1, cardinality($20::int[])) AS n
), taken AS (
  SELECT i, coalesce(
    (SELECT r.idx FROM records r WHERE r.statement8 = q.statement8 AND r.statement = q.statement LIMIT 1),
    CASE WHEN q.identity <> q.statement
      THEN (SELECT r.idx FROM records r WHERE r.identity8 = q.identity8 AND r.identity = q.identity LIMIT 1) END) AS idx
  FROM incoming q
  UNION ALL
  SELECT i, (SELECT r.idx FROM records r WHERE r.statement8 = c.blind8 AND r.statement = decode(c.blind, 'hex') LIMIT 1) FROM checked c
  UNION ALL
  SELECT i, (SELECT s.idx FROM sealed s WHERE s.commitment8 = b.commitment8 AND s.commitment = b.commitment LIMIT 1) FROM blind b
), head AS (
  INSERT INTO heads (seq, size, root, ts)
  SELECT $1::int8 + 1, $4, $5, $6 FROM previous WHERE NOT EXISTS (SELECT 1 FROM taken WHERE idx IS NOT NULL)
  ON CONFLICT DO NOTHING RETURNING seq
), stored_records AS (
  INSERT INTO records (idx, statement, identity, leaf8, statement8, identity8, api_key)
  SELECT $2::int8 + i, statement, identity, ($11::int8[])[i + 1], statement8, identity8, ($18::int4[])[i + 1] FROM head, incoming
), stored_sealed AS (
  INSERT INTO sealed (idx, commitment, commitment8, content, statement, service, id, decision, intent, use, expires_at, boundaries)
  SELECT $2::int8 + i, decode(commitment, 'hex'), commitment8, decode(content, 'hex'), decode(statement, 'hex'), service, id, decision,
    decode(intent, 'hex'), use, expires_at, boundaries FROM head, checked
), stored_blocks AS (
  INSERT INTO blocks (first, count, leaf_hashes, data)
  SELECT $2::int8 + b * ${BLOCK_ENTRIES}, least(${BLOCK_ENTRIES}, $7::int - b * ${BLOCK_ENTRIES}),
    substring($12::bytea FROM b * ${BLOCK_ENTRIES * 32} + 1 FOR 32 * least(${BLOCK_ENTRIES}, $7::int - b * ${BLOCK_ENTRIES})),
    substring($13::bytea FROM ($14::int[])[b + 1] + 1 FOR ($14::int[])[b + 2] - ($14::int[])[b + 1])
  FROM head, generate_series(0, ($7::int - 1) / ${BLOCK_ENTRIES}) AS b
), stored_tiles AS (
  INSERT INTO tiles (level, n, hashes)
  SELECT ($15::int[])[t], ($16::int8[])[t], substring($17::bytea FROM (t - 1) * 8192 + 1 FOR 8192)
  FROM head, generate_series(1, cardinality($15::int[])) AS t
)
SELECT (SELECT seq FROM head) AS seq, (SELECT json_agg(json_build_array(i, idx)) FROM taken WHERE idx IS NOT NULL) AS taken`;

/**
 * The settings under which the plan above stays an index look-up per record, whatever the statistics say. Without them, on a
 * table that was not analyzed yet, each would make a bitmap for the hundred rows that it expects.
 */
const PLAN = [
  'SET plan_cache_mode = force_generic_plan',
  ...['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin'].map((way) => `SET enable_${way} = off`),
].join('; ');

export const APPEND_SESSION = `${PLAN}; ${TRANSACTION_BOUND}`;

/**
 * Runs the append of one batch. Rejects when the database did not answer: the outcome is then unknown, and the same
 * batch must be run again (it waits for the one in doubt) before anything else is concluded.
 */
export async function appendBatch(client: pg.ClientBase, batch: Batch): Promise<AppendResult> {
  const { previous, next, entries, fullTiles } = batch;
  const blocks: Uint8Array[] = [];
  for (let first = 0; first < entries.length; first += BLOCK_ENTRIES) {
    const bundle = formatBundle(entries.slice(first, first + BLOCK_ENTRIES).map((entry) => entry.bytes));
    // Of most approvals in one piece of memory that is not much larger.
    const chunkSize = Math.max(1_024, Math.ceil(bundle.length / 2));
    blocks.push(deflateRawSync(bundle, { level: 1, chunkSize }));
  }
  const blockEnds = [0];
  for (const block of blocks) blockEnds.push(blockEnds.at(-1)! + block.length);
  const sealings = entries.map((entry) => entry.sealing);
  const blind = blindCommitments(sealings);
  const { rows } = await client.query<{ seq: string | null; taken: [number, number][] | null }>({
    name: 'append-batch',
    text: APPEND,
    values: [
      previous.seq,
      previous.size,
      previous.root,
      next.size,
      next.root,
      next.timestamp,
      entries.length,
      Buffer.concat(entries.flatMap((entry) => [entry.statement, entry.identity])),
      prefixArray(entries.map((entry) => entry.statement)),
      prefixArray(entries.map((entry) => entry.identity)),
      prefixArray(entries.map((entry) => entry.leafHash)),
      Buffer.concat(entries.map((entry) => entry.leafHash)),
      Buffer.concat(blocks),
      int4Array(blockEnds),
      int4Array(fullTiles.map((tile) => tile.level)),
      int8Array(fullTiles.map((tile) => tile.index)),
      Buffer.concat(fullTiles.map((tile) => tile.nodes.hashes())),
      int4Array(entries.map((entry) => entry.apiKey)),
      sealedRows(sealings),
      int4Array(blind.places),
      prefixArray(blind.commitments),
      Buffer.concat(blind.commitments),
    ],
  });
  const row = rows[0]!;
  if (row.taken !== null) {
    return { outcome: 'taken', taken: row.taken.map(([position, index]) => ({ position, index })) };
  }
  return row.seq === null ? { outcome: 'superseded' } : { outcome: 'appended' };
}
