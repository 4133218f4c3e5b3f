import { hexEncode } from '@assent/verifier';
import type { Kysely, Selectable } from 'kysely';
import type { SealedFacts, SealedForeignFacts } from '../admission/examined.ts';
import type { Schema, SealedTable } from '../database/schema.ts';

/** What the log knows of an entry beside its public bytes. */
export type PrivateRecord = {
  /** The id of the API key that appended it, as a number. */
  readonly apiKey: number | null;
  /** Of a sealed entry whose content was checked. */
  readonly sealed?: { readonly commitment: Uint8Array; readonly facts: SealedFacts | SealedForeignFacts };
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
  for (const row of rows) {
    const { idx, commitment } = row;
    records.set(idx, { apiKey: records.get(idx)?.apiKey ?? null, sealed: { commitment, facts: factsOf(row) } });
  }
  return records;
}

type SealedRow = Pick<
  Selectable<SealedTable>,
  'content' | 'statement' | 'service' | 'id' | 'decision' | 'intent' | 'use' | 'expires_at' | 'boundaries'
>;

/** All of a statement's are there, or none: the table sees to it. */
function factsOf(row: SealedRow): SealedFacts | SealedForeignFacts {
  const { service, id, decision, intent, use, expires_at: expiresAt, boundaries } = row;
  const digests = { content: hexEncode(row.content), statement: hexEncode(row.statement) };
  if (service === null || id === null || decision === null || intent === null || use === null || expiresAt === null) {
    return digests;
  }
  return { ...digests, service, id, decision, intent: hexEncode(intent), use, expiresAt, boundaries };
}
