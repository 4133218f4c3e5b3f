import { type Kysely, type Migration, sql } from 'kysely';

/**
 * Whether a head requires a partial tile, and which is the first head of a size, are questions about sizes. Heads of an idle
 * log share theirs, so the number comes second: the first of ten thousand is found without sorting them.
 */
export const headsBySize: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('create index heads_size on heads (size, seq)').execute(db);
  },
};
