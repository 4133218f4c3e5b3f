import { type Kysely, sql } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** How many full bundles, from the first one on, are indexed. */
export async function indexedBundles(kysely: Kysely<Schema>): Promise<number> {
  const row = await kysely.selectFrom('search_progress').select('bundles').executeTakeFirst();
  return Number(row?.bundles ?? 0);
}

/**
 * Stores the terms of one bundle and moves on to the next, in one statement. Does nothing when another process has done
 * it. The commit is not waited for: a crash may lose it, with its progress, and then it is done again.
 */
export async function insertBundleTerms(
  kysely: Kysely<Schema>,
  bundle: number,
  terms: readonly bigint[],
): Promise<void> {
  await sql`
    WITH unhurried AS (
      SELECT set_config('synchronous_commit', 'off', true)
    ), moved AS (
      UPDATE search_progress SET bundles = ${bundle}::int8 + 1 WHERE bundles = ${bundle}::int8 RETURNING 1
    ), stored AS (
      INSERT INTO search_terms (bundle, terms)
      SELECT ${bundle}::int8, ${terms}::int8[] FROM moved
      ON CONFLICT DO NOTHING
    )
    SELECT 1 FROM unhurried
  `.execute(kysely);
}

export type Candidates = {
  /** Bundles that have every term, the highest first; at most `limit`. */
  readonly bundles: readonly number[];
  /** The lowest bundle that was looked at, if there are more below it; undefined when that was all. */
  readonly lowest: number | undefined;
};

/**
 * The newest bundles that have every one of the terms, of which there is at least one: out of the `window` bundles up to
 * `highest`, so that a search of a log of any size is bounded.
 */
export async function findBundles(
  kysely: Kysely<Schema>,
  terms: readonly bigint[],
  highest: number,
  limit: number,
  window: number,
): Promise<Candidates> {
  if (terms.length === 0) throw new RangeError('terms: none');
  const from = Math.max(0, highest - window + 1);
  const { rows } = await sql<{ bundle: unknown }>`
    SELECT bundle FROM search_terms
    WHERE terms @> ${terms}::int8[] AND bundle BETWEEN ${from}::int8 AND ${highest}::int8
    ORDER BY bundle DESC LIMIT ${limit}
  `.execute(kysely);
  const bundles = rows.map(({ bundle }) => Number(bundle));
  const lowest = bundles.length === limit ? bundles.at(-1)! : from;
  return { bundles, lowest: lowest > 0 ? lowest : undefined };
}
