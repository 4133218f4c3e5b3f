import { type Kysely, type Migration, sql } from 'kysely';

const statements: readonly string[] = [
  // Sealed evidence of another system has no service, id and so on of ours. What there is of a statement is all there.
  `alter table sealed
     alter column service drop not null,
     alter column id drop not null,
     alter column decision drop not null,
     alter column intent drop not null,
     alter column use drop not null,
     alter column expires_at drop not null,
     add constraint sealed_statement_or_none check (num_nonnulls(service, id, decision, intent, use, expires_at) in (0, 6))`,
  // Keys that are there and not for every service stay without the new right.
  'alter table api_keys add column foreign_payloads boolean not null default false',
];

export const foreignPayloads: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
