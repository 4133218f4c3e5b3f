import { type Kysely, type Migration, sql } from 'kysely';

/**
 * What a search narrows entries down with: which bundles of 256 entries hold a term. Written after the fact from what is
 * stored, a whole bundle at a time, so that an append writes nothing here; all of it can be dropped and made again.
 */
const statements: readonly string[] = [
  // The first 8 bytes of the term's hash. Whoever makes two collide makes a search read a bundle in vain.
  `create table search_terms (
     term8 bigint not null,
     bundle bigint not null check (bundle >= 0),
     primary key (term8, bundle)
   )`,

  // How far that has come. One row, moved together with the terms that it speaks for.
  `create table search_progress (
     id int primary key check (id = 1),
     bundles bigint not null check (bundles >= 0)
   )`,
  'insert into search_progress (id, bundles) values (1, 0)',
];

export const searchTerms: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
