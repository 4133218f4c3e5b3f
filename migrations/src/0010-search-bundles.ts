import { type Kysely, type Migration, sql } from 'kysely';

/**
 * The terms of a bundle in one row. A row for each took 121 bytes of an entry, as nearly each has an intent that no other
 * has; as one array it takes 59. What there was is made again from the entries.
 */
const statements: readonly string[] = [
  'drop table search_terms',
  `create table search_terms (
     bundle bigint primary key check (bundle >= 0),
     terms bigint[] not null
   )`,
  // In the row itself, up to a page: hashes do not get smaller, and the planner sees what looking at all of them would cost.
  'alter table search_terms alter column terms set storage main',
  // No list of what is to be inserted later: it would be read by every search.
  'create index search_terms_terms on search_terms using gin (terms) with (fastupdate = off)',
  'update search_progress set bundles = 0',
];

export const searchBundles: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
