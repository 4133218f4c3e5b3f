import { hexEncode } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { SealedFacts } from '../admission/examined.ts';
import type { Schema } from '../database/schema.ts';

/** What the log knows of an entry beside its public bytes. */
export type PrivateRecord = {
  /** The id of the API key that appended it, as a number. */
  readonly apiKey: number | null;
  /** Of a sealed entry whose content was checked. */
  readonly sealed?: { readonly commitment: Uint8Array; readonly facts: SealedFacts };
};

/** By index, for the entries from `first` to before `end` that have a record. */
export async function readPrivateRecords(
  kysely: Kysely<Schema>,
  first: number,
  end: number,
): Promise<ReadonlyMap<number, PrivateRecord>> {
  const keys = await kysely
    .selectFrom('records')
    .select(['idx', 'api_key'])
    .where('idx', '>=', first)
    .where('idx', '<', end)
    .execute();
  const records = new Map<number, PrivateRecord>(keys.map(({ idx, api_key: apiKey }) => [idx, { apiKey }]));
  const rows = await kysely
    .selectFrom('sealed')
    .select(['idx', 'commitment', 'content', 'statement', 'service', 'id', 'decision', 'intent', 'use', 'expires_at'])
    .select('boundaries')
    .where('idx', '>=', first)
    .where('idx', '<', end)
    .execute();
  for (const { idx, commitment, content, statement, intent, expires_at: expiresAt, ...rest } of rows) {
    const digests = { content: hexEncode(content), statement: hexEncode(statement), intent: hexEncode(intent) };
    const sealed = { commitment, facts: { ...rest, ...digests, expiresAt } };
    records.set(idx, { apiKey: records.get(idx)?.apiKey ?? null, sealed });
  }
  return records;
}
