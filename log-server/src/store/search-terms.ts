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
      INSERT INTO search_terms (term8, bundle)
      SELECT term8, ${bundle}::int8 FROM moved, unnest(${terms}::int8[]) AS term8
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
 * The newest bundles, up to `highest`, that have every one of the terms, of which there is at least one. Give the rarest
 * first: at most `window` bundles that have it are compared with the others.
 */
export async function findBundles(
  kysely: Kysely<Schema>,
  [rarest, ...others]: readonly bigint[],
  highest: number,
  limit: number,
  window: number,
): Promise<Candidates> {
  if (rarest === undefined) throw new RangeError('terms: none');
  const looked = others.length === 0 ? limit : window;
  const { rows } = await sql<{ bundle: unknown; matches: boolean }>`
    SELECT bundle, NOT EXISTS (
        SELECT 1 FROM unnest(${others}::int8[]) AS other
        WHERE NOT EXISTS (SELECT 1 FROM search_terms s WHERE s.term8 = other AND s.bundle = r.bundle)
      ) AS matches
    FROM (
      SELECT bundle FROM search_terms
      WHERE term8 = ${rarest}::int8 AND bundle <= ${highest}::int8 ORDER BY bundle DESC LIMIT ${looked}
    ) AS r
    ORDER BY bundle DESC
  `.execute(kysely);
  const last = rows.at(-1);
  const bundles = rows.filter(({ matches }) => matches).map(({ bundle }) => Number(bundle));
  if (bundles.length > limit) return { bundles: bundles.slice(0, limit), lowest: bundles[limit - 1]! };
  return { bundles, lowest: last !== undefined && rows.length === looked ? Number(last.bundle) : undefined };
}
