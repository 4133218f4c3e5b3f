import { type Kysely, type Migration, sql } from 'kysely';

/**
 * Entries whose public bytes are not served any more, after a court order. Their hashes stay in the tree: nothing that
 * was proven becomes unproven. `erased` says that the stored bytes were destroyed too, so that a check of the whole log
 * knows why they are gone.
 */
const statements: readonly string[] = [
  `create table withheld (
     idx bigint primary key check (idx >= 0),
     reason text not null check (reason <> ''),
     at bigint not null,
     erased boolean not null default false
   )`,
];

export const withheldEntries: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
