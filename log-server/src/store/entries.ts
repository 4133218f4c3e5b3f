import { equalBytes, HASH_SIZE, leafHash, type Sha256 } from '@assent/verifier';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { Problem } from '../problems.ts';
import { BLOCK_ENTRIES } from './append-batch.ts';
import { inflateBlock, inflateEntry } from './block-data.ts';
import type { StoredEntry } from './entry-reads.ts';
import { prefix8 } from './prefix8.ts';

/**
 * The entries from `first` on, each hashed and compared with the leaf hash that the caller knows: a log died of one
 * flipped bit that it served and signed. The caller has them from the signed tree rather than from the same row, so that
 * entries of another history, whole in themselves, are found out as well.
 *
 * Throws a Problem `stored_data_damaged`, or an Error when one is missing.
 */
export async function readEntries(
  kysely: Kysely<Schema>,
  first: number,
  leafHashes: readonly Uint8Array[],
  sha256: Sha256,
): Promise<Uint8Array[]> {
  return (await readEntriesBut(kysely, first, leafHashes, sha256, new Set())) as Uint8Array[];
}

/** The same, but for the withheld ones, which are not looked at: undefined in their place. */
export async function readEntriesBut(
  kysely: Kysely<Schema>,
  first: number,
  leafHashes: readonly Uint8Array[],
  sha256: Sha256,
  withheld: ReadonlySet<number>,
): Promise<(Uint8Array | undefined)[]> {
  const end = first + leafHashes.length;
  const rows = await kysely
    .selectFrom('blocks')
    .select(['first', 'data'])
    // The first condition is for the index, the second for blocks that end before: their damage is not this reader's.
    .where('first', '>', first - BLOCK_ENTRIES)
    .where(sql<number>`first + count`, '>', first)
    .where('first', '<', end)
    .orderBy('first')
    .execute();
  const entries: (Uint8Array | undefined)[] = [];
  for (const row of rows) {
    const blockFirst = Number(row.first);
    const inflated = inflateBlock(row.data);
    if (!inflated.ok) throw damaged(blockFirst);
    const inBlock = inflated.value;
    for (let i = Math.max(0, first - blockFirst); i < inBlock.length && blockFirst + i < end; i++) {
      const index = blockFirst + i;
      if (withheld.has(index)) entries.push(undefined);
      else entries.push(compared(index, inBlock[i]!, leafHashes[index - first]!, sha256));
    }
  }
  if (entries.length !== end - first) {
    throw new Error(`entries ${first} to ${end - 1}: the database holds ${entries.length} of ${end - first}`);
  }
  return entries;
}

/** The entry out of what is stored of it, if it is the leaf; else {@link readEntries} tells what is wrong. */
export function openStored(
  index: number,
  { block }: StoredEntry,
  signed: Uint8Array,
  sha256: Sha256,
): Uint8Array | undefined {
  const entry = block && inflateEntry(block.beginning, index - block.first);
  return entry !== undefined && equalBytes(leafHash(entry, sha256), signed) ? entry : undefined;
}

function compared(index: number, entry: Uint8Array, signed: Uint8Array, sha256: Sha256): Uint8Array {
  if (!equalBytes(leafHash(entry, sha256), signed)) throw damaged(index);
  return entry;
}

function damaged(index: number): Problem {
  return new Problem(
    'stored_data_damaged',
    `Entry ${index} does not match its leaf hash. It was not served; the operator must restore it from a copy.`,
    { index },
  );
}

/**
 * Leaf hashes from `first` to before `end`, in order, as chunks of n × 32 bytes. Throws an Error at a gap.
 *
 * @param chunk leaves; more at once are no faster, and what they leave behind is the peak of a large log's memory
 */
export async function* readLeafHashes(
  kysely: Kysely<Schema>,
  first: number,
  end: number,
  chunk = 16_384,
): AsyncGenerator<Uint8Array> {
  for (let at = first; at < end; ) {
    const stop = Math.min(end, at + chunk);
    const rows = await kysely
      .selectFrom('blocks')
      .select(['first', 'leaf_hashes'])
      .where('first', '>', at - BLOCK_ENTRIES)
      .where('first', '<', stop)
      .orderBy('first')
      .execute();
    const parts: Uint8Array[] = [];
    for (const row of rows) {
      const blockFirst = Number(row.first);
      const count = row.leaf_hashes.length / HASH_SIZE;
      if (blockFirst + count <= at) continue;
      if (blockFirst > at) break;
      const to = Math.min(blockFirst + count, stop);
      parts.push(row.leaf_hashes.subarray((at - blockFirst) * HASH_SIZE, (to - blockFirst) * HASH_SIZE));
      at = to;
    }
    if (at !== stop) throw new Error(`the database has no leaf hash for entry ${at}, though a head covers it`);
    yield Buffer.concat(parts);
  }
}

/** Where the record of a name is, and who may be told. */
export type FoundRecord = {
  readonly index: number;
  /** `public`, or the service of the sealed statement (null: of another system); undefined for a blind one, which has no name. */
  readonly toldTo: 'public' | { readonly service: string | null } | undefined;
};

/** The record with this statement digest or identity, or undefined. */
export async function findRecord(
  kysely: Kysely<Schema>,
  by: 'statement' | 'identity',
  digest: Uint8Array,
): Promise<FoundRecord | undefined> {
  const row = await kysely
    .selectFrom('records')
    .leftJoin('sealed', 'sealed.idx', 'records.idx')
    // The two are the same for blind commitments alone.
    .select([
      'records.idx',
      'sealed.idx as sealed',
      'sealed.service',
      sql<boolean>`records.statement = records.identity`.as('blind'),
    ])
    .where(`records.${by}8`, '=', prefix8(digest))
    .where(`records.${by}`, '=', Buffer.from(digest))
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { idx, sealed, service, blind } = row;
  return { index: Number(idx), toldTo: blind ? undefined : sealed === null ? 'public' : { service } };
}

/** The index of the entry with this leaf hash, or undefined. A prefix is only a hint: the stored hash decides. */
export async function findLeaf(kysely: Kysely<Schema>, hash: Uint8Array): Promise<number | undefined> {
  const candidates = await kysely
    .selectFrom('records')
    .select('idx')
    .where('leaf8', '=', prefix8(hash))
    .orderBy('idx')
    .execute();
  for (const { idx } of candidates) {
    const index = Number(idx);
    for await (const stored of readLeafHashes(kysely, index, index + 1)) {
      if (equalBytes(stored, hash)) return index;
    }
  }
  return undefined;
}
