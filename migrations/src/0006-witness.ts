import { type Kysely, type Migration, sql } from 'kysely';

/** What witnesses have cosigned. Nothing here is needed to append or to sign: a log without witnesses leaves it empty. */
const statements: readonly string[] = [
  // Checkpoints that reached a quorum, with their cosignatures, in the order in which they did: a chain like the one of
  // heads, because receipts are made against the first one that covers their entry, and all processes have to agree on it.
  // `policy` is SHA-256 over witnesses, groups and quorum as they were then.
  `create table cosigned (
     seq bigint primary key check (seq >= 1),
     size bigint not null check (size >= 0),
     policy bytea not null check (octet_length(policy) = 32),
     checkpoint text not null,
     reached_at bigint not null
   )`,
  'create index cosigned_size on cosigned (size, seq)',

  // Cosignatures of the newest heads, which have not reached a quorum or may get more; older ones are deleted.
  `create table cosignatures (
     size bigint not null check (size >= 0),
     witness text not null,
     line text not null,
     time bigint not null,
     primary key (size, witness)
   )`,

  // Per witness the newest valid cosignature: where it stands, and how its clock compares with ours.
  `create table witness_answers (
     witness text primary key,
     size bigint not null check (size >= 0),
     time bigint not null,
     arrived_at bigint not null
   )`,

  // Whose turn it is to ask. Two at once would do no harm but get in each other's way.
  'create table witness_turn (id int primary key check (id = 1), holder text not null, until timestamptz not null)',

  // Checkpoints with this log's own signature that did not fit its tree when they were found.
  `create table fork_evidence (
     digest bytea primary key check (octet_length(digest) = 32),
     checkpoint text not null,
     source text not null,
     found_at bigint not null
   )`,
];

export const witnessTables: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
