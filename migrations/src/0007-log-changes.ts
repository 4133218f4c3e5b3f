import { type Kysely, type Migration, sql } from 'kysely';

const statements: readonly string[] = [
  // What happened to the log as a whole: which keys sign its heads, and its end. Each change is tied to the head that was
  // inserted with it, in one statement, and holds from that head on; whoever holds the head knows the change. Insert-only.
  `create table log_changes (
     seq bigint primary key references heads (seq),
     kind text not null check (kind in ('rotate-start', 'rotate-finish', 'rotate-cancel', 'close')),
     at bigint not null,
     public_key bytea check (octet_length(public_key) = 32),
     successor text,
     reason text,
     check ((kind = 'rotate-start') = (public_key is not null)),
     check (kind = 'close' or (successor is null and reason is null))
   )`,
];

export const logChanges: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
