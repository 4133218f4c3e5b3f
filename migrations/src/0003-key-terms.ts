import { type Kysely, type Migration, sql } from 'kysely';

const statements: readonly string[] = [
  // What an API key may do beside appending for its services, and how fast. Keys that are there stay as they were; one
  // without a visibility of its own has the log's.
  `alter table api_keys
     add column boundaries text[] not null default '{}',
     add column trust_roots text[] not null default '{}',
     add column blind boolean not null default false,
     add column default_visibility text check (default_visibility in ('open', 'revealed', 'sealed')),
     add column rate double precision check (rate > 0),
     add column burst int check (burst > 0),
     add constraint api_keys_rate_and_burst check ((rate is null) = (burst is null))`,

  // Which key appended an entry, for the operator alone: the 8 hexadecimal digits of its id as a signed int4. 4 bytes a
  // record and no index, because appending is the hot path and the question is rare.
  'alter table records add column api_key int',
];

export const keyTerms: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
