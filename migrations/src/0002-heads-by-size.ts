import { type Kysely, type Migration, sql } from 'kysely';

/** Whether a head requires a partial tile is a question about sizes. Not unique: an idle log's heads share theirs. */
export const headsBySize: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('create index heads_size on heads (size)').execute(db);
  },
};
