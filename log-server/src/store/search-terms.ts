import { TILE_WIDTH } from '@assent/verifier';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** How many full bundles, from the first one on, are indexed. */
export async function indexedBundles(kysely: Kysely<Schema>): Promise<number> {
  const row = await kysely.selectFrom('search_progress').select('bundles').executeTakeFirst();
  return Number(row?.bundles ?? 0);
}

/** What a bundle can be found by. */
export type BundleTerms = {
  /** Of each entry the term that few others share, in its place: it then says where to look. Undefined for one that has none. */
  readonly byPlace: readonly (bigint | undefined)[];
  /** Each once. */
  readonly others: readonly bigint[];
};

/**
 * The two in one array, which costs no byte more than a list of all: where terms have places the array begins at 0, so that an
 * element's subscript is the entry's place, and the others come after the last one.
 */
function arrayOf({ byPlace, others }: BundleTerms): string {
  if (byPlace.every((term) => term === undefined)) return `{${others}}`;
  const elements = [...byPlace.map((term) => term ?? 'NULL'), ...others];
  return `[0:${elements.length - 1}]={${elements}}`;
}

/**
 * Stores the terms of one bundle and moves on to the next, in one statement. Does nothing when another process has done
 * it. The commit is not waited for: a crash may lose it, with its progress, and then it is done again.
 */
export async function insertBundleTerms(kysely: Kysely<Schema>, bundle: number, terms: BundleTerms): Promise<void> {
  await sql`
    WITH unhurried AS (
      SELECT set_config('synchronous_commit', 'off', true)
    ), moved AS (
      UPDATE search_progress SET bundles = ${bundle}::int8 + 1 WHERE bundles = ${bundle}::int8 RETURNING 1
    ), stored AS (
      INSERT INTO search_terms (bundle, terms)
      SELECT ${bundle}::int8, ${arrayOf(terms)}::int8[] FROM moved
      ON CONFLICT DO NOTHING
    )
    SELECT 1 FROM unhurried
  `.execute(kysely);
}

/** A bundle that may have what is looked for; `places` where it is known which of its entries may be it, the last one first. */
export type Candidate = { readonly bundle: number; readonly places: readonly number[] | undefined };

export type Candidates = {
  /** Bundles that have every term, the highest first; at most `limit`. */
  readonly bundles: readonly Candidate[];
  /** The lowest bundle that was looked at, if there are more below it; undefined when that was all. */
  readonly lowest: number | undefined;
};

/**
 * The newest bundles that have every one of the terms, of which there is at least one: out of the `window` bundles up to
 * `highest`, so that a search of a log of any size is bounded.
 */
export async function findBundles(
  kysely: Kysely<Schema>,
  { byPlace, others }: { readonly byPlace?: bigint; readonly others: readonly bigint[] },
  highest: number,
  limit: number,
  window: number,
): Promise<Candidates> {
  const terms = byPlace === undefined ? others : [byPlace, ...others];
  if (terms.length === 0) throw new RangeError('terms: none');
  const from = Math.max(0, highest - window + 1);
  const { rows } = await sql<{ bundle: unknown; places: readonly number[] | null }>`
    SELECT bundle, CASE WHEN array_lower(terms, 1) = 0 THEN array_positions(terms, ${byPlace ?? null}::int8) END AS places
    FROM search_terms
    WHERE terms @> ${terms}::int8[] AND bundle BETWEEN ${from}::int8 AND ${highest}::int8
    ORDER BY bundle DESC LIMIT ${limit}
  `.execute(kysely);
  const bundles = rows.map(({ bundle, places }) => ({
    bundle: Number(bundle),
    places: byPlace === undefined ? undefined : places?.filter((place) => place < TILE_WIDTH).reverse(),
  }));
  const lowest = bundles.length === limit ? bundles.at(-1)!.bundle : from;
  return { bundles, lowest: lowest > 0 ? lowest : undefined };
}
