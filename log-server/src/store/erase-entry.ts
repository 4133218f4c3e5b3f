import { deflateRawSync } from 'node:zlib';
import { formatBundle } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { BLOCK_ENTRIES } from './append-batch.ts';
import { inflateBlock } from './block-data.ts';

/**
 * Destroys the stored bytes of a withheld entry: its block is written anew with nothing in the entry's place. This is
 * the one update that a block ever sees. The leaf hashes stay, and so does everything that was proven with them.
 *
 * @returns false if they were erased before. @throws Error if the entry is not withheld or its block can't be read
 */
export function eraseEntry(kysely: Kysely<Schema>, index: number): Promise<boolean> {
  return kysely.transaction().execute(async (transaction) => {
    const withheld = await transaction
      .selectFrom('withheld')
      .select('erased')
      .where('idx', '=', index)
      .forUpdate()
      .executeTakeFirst();
    if (withheld === undefined) throw new Error(`entry ${index} is not withheld`);
    if (withheld.erased) return false;
    const block = await transaction
      .selectFrom('blocks')
      .select(['first', 'count', 'data'])
      .where('first', '>', index - BLOCK_ENTRIES)
      .where('first', '<=', index)
      .orderBy('first', 'desc')
      .limit(1)
      .forUpdate()
      .executeTakeFirst();
    if (block === undefined || index >= block.first + block.count) throw new Error(`entry ${index} is in no block`);
    const entries = inflateBlock(block.data);
    if (!entries.ok) throw new Error(`the block of entry ${index} can't be read: ${entries.detail}`);
    const emptied = entries.value.map((entry, i) => (block.first + i === index ? new Uint8Array(0) : entry));
    const data = deflateRawSync(formatBundle(emptied), { level: 1 });
    await transaction.updateTable('blocks').set({ data }).where('first', '=', block.first).execute();
    await transaction.updateTable('withheld').set({ erased: true }).where('idx', '=', index).execute();
    return true;
  });
}
