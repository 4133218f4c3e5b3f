import { type Kysely, type Migration, sql } from 'kysely';

/**
 * A key whose only right is to log versions of a trust root, or what a boundary consumed, needs no service: whoever has to name
 * one would give it more than it needs. A key that may append nothing is still a mistake.
 */
const statements: readonly string[] = [
  `alter table api_keys
     drop constraint api_keys_services_check,
     add constraint api_keys_may_append_something check (
       cardinality(services) + cardinality(boundaries) + cardinality(trust_roots) > 0 or blind or foreign_payloads)`,
];

export const keysWithoutServices: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
