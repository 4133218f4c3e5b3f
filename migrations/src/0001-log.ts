import { type Kysely, type Migration, sql } from 'kysely';

/**
 * The log's tables. Heads, blocks, tiles and records are insert-only: nothing in the log ever updates or deletes them.
 *
 * Lengths are checked by the database too: a hash that is not 32 bytes would turn a later proof into a degenerate case,
 * and the writer that is wrong should fail at its first row rather than be found by an auditor.
 */
const statements: readonly string[] = [
  // The origin and the key are fixed at first start; a server with others must refuse to run on this database.
  `create table log (
     id int primary key check (id = 1),
     origin text not null,
     public_key bytea not null check (octet_length(public_key) = 32),
     guard_id text,
     created_at bigint not null
   )`,

  // A chain: an append inserts head seq + 1 only where head seq still has the root that it extended.
  `create table heads (
     seq bigint primary key check (seq >= 0),
     size bigint not null check (size >= 0),
     root bytea not null check (octet_length(root) = 32),
     ts bigint not null
   )`,

  // Up to 16 entries that were committed together: their leaf hashes, and the raw deflate of their C2SP entry bundle.
  `create table blocks (
     first bigint primary key check (first >= 0),
     count smallint not null check (count between 1 and 16),
     leaf_hashes bytea not null,
     data bytea not null,
     check (octet_length(leaf_hashes) = 32 * count)
   )`,
  // Already deflated, and hashes do not compress: don't let the database try.
  'alter table blocks alter column leaf_hashes set storage external',
  'alter table blocks alter column data set storage external',

  // Full tiles only (256 hashes); partial ones are cut from stored leaf hashes when they are asked for.
  `create table tiles (
     level smallint not null check (level between 0 and 6),
     n bigint not null check (n >= 0),
     hashes bytea not null check (octet_length(hashes) = 8192),
     primary key (level, n)
   )`,
  'alter table tiles alter column hashes set storage external',

  // What entries are found by. The indexes hold the first 8 bytes of each hash, read as a big-endian signed integer, and
  // are never unique: 64 bits can be made to collide on purpose, so every hit is compared in full.
  `create table records (
     idx bigint primary key check (idx >= 0),
     statement bytea not null check (octet_length(statement) = 32),
     identity bytea not null check (octet_length(identity) = 32),
     leaf8 bigint not null,
     statement8 bigint not null,
     identity8 bigint not null
   )`,
  'create index records_leaf8 on records (leaf8)',
  'create index records_statement8 on records (statement8)',
  'create index records_identity8 on records (identity8)',

  // Hashes of keys only: whoever reads this table can append nothing with it.
  `create table api_keys (
     id text primary key,
     hash bytea not null check (octet_length(hash) = 32),
     name text not null,
     services text[] not null check (cardinality(services) > 0),
     created_at bigint not null,
     revoked_at bigint
   )`,

  // One row that is written when a process has to know that everything committed before it is durable.
  'create table barrier (id int primary key check (id = 1), n bigint not null)',
  'insert into barrier (id, n) values (1, 0)',
];

export const logTables: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
