import { type Kysely, sql } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** A verified cosignature of the head of this size. `witness` is a vkey; times are ms since the epoch. */
export type CosignatureRow = {
  readonly size: number;
  readonly witness: string;
  /** The note line, with its newline. */
  readonly line: string;
  readonly time: number;
};

/** The newest valid cosignature of a witness. */
export type AnswerRow = {
  readonly witness: string;
  readonly size: number;
  readonly time: number;
  /** By the clock of the process that it came to. */
  readonly arrived_at: number;
};

export type EvidenceRow = { readonly digest: Uint8Array; readonly checkpoint: string; readonly source: string };

/** Stores a cosignature and what its witness has thereby said, and clears away those of smaller heads. */
export async function storeCosignature(
  kysely: Kysely<Schema>,
  { size, witness, line, time }: CosignatureRow,
  arrivedAt: number,
): Promise<void> {
  await sql`
    WITH stored AS (
      INSERT INTO cosignatures (size, witness, line, time) VALUES (${size}, ${witness}, ${line}, ${time})
      ON CONFLICT (size, witness) DO UPDATE SET line = excluded.line, time = excluded.time
    ), cleared AS (
      DELETE FROM cosignatures WHERE size < ${size}
    )
    INSERT INTO witness_answers AS a (witness, size, time, arrived_at)
    VALUES (${witness}, ${size}, ${time}, ${arrivedAt})
    ON CONFLICT (witness) DO UPDATE
      SET size = greatest(a.size, excluded.size), time = excluded.time, arrived_at = excluded.arrived_at
  `.execute(kysely);
}

export function cosignaturesOf(kysely: Kysely<Schema>, size: number): Promise<CosignatureRow[]> {
  return kysely
    .selectFrom('cosignatures')
    .select(['size', 'witness', 'line', 'time'])
    .where('size', '=', size)
    .execute();
}

export function readAnswers(kysely: Kysely<Schema>): Promise<AnswerRow[]> {
  return kysely.selectFrom('witness_answers').select(['witness', 'size', 'time', 'arrived_at']).execute();
}

/**
 * Takes or keeps the turn to ask witnesses, by the database's clock. It lapses by itself: a process that stalls or dies
 * holds up nobody for longer.
 */
export async function takeTurn(kysely: Kysely<Schema>, holder: string, ms: number): Promise<boolean> {
  const { rows } = await sql<{ holder: string }>`
    INSERT INTO witness_turn AS t (id, holder, until) VALUES (1, ${holder}, now() + ${`${ms} ms`}::interval)
    ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, until = excluded.until
      WHERE t.holder = excluded.holder OR t.until < now()
    RETURNING holder
  `.execute(kysely);
  return rows.length > 0;
}

/** Lets another process have it at once. */
export async function giveTurn(kysely: Kysely<Schema>, holder: string): Promise<void> {
  await kysely.deleteFrom('witness_turn').where('holder', '=', holder).execute();
}

export async function storeEvidence(kysely: Kysely<Schema>, row: EvidenceRow, now: number): Promise<void> {
  await kysely
    .insertInto('fork_evidence')
    .values({ ...row, digest: Buffer.from(row.digest), found_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export function readEvidence(kysely: Kysely<Schema>): Promise<EvidenceRow[]> {
  return kysely.selectFrom('fork_evidence').select(['digest', 'checkpoint', 'source']).execute();
}
