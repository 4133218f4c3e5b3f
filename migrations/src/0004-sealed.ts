import { type Kysely, type Migration, sql } from 'kysely';

/**
 * What the log keeps in private of sealed entries that it has checked: a row says that the entry at `idx` is sealed and
 * checkable. Blind commitments have none, as the log knows nothing about them. Insert-only, like the entries.
 *
 * The content itself and the salt are never stored: whoever reads this table, or steals a backup, must not be able to open a
 * commitment.
 */
const statements: readonly string[] = [
  `create table sealed (
     idx bigint primary key check (idx >= 0),
     commitment bytea not null check (octet_length(commitment) = 32),
     commitment8 bigint not null,
     content bytea not null check (octet_length(content) = 32),
     statement bytea not null check (octet_length(statement) = 32),
     service text not null,
     id text not null,
     decision text not null check (decision in ('approved', 'rejected', 'expired')),
     intent bytea not null check (octet_length(intent) = 32),
     use text not null check (use in ('single', 'multiple')),
     expires_at bigint not null,
     boundaries text[] not null
   )`,
  // As in records: the first 8 bytes, never unique, and every hit is compared in full.
  'create index sealed_commitment8 on sealed (commitment8)',
];

export const sealedEntries: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
