import type { Kysely } from 'kysely';
import type { SealedFacts, SealedForeignFacts } from '../admission/examined.ts';
import type { Schema } from '../database/schema.ts';
import { prefix8 } from './prefix8.ts';

/** What a sealed entry adds to its batch. */
export type Sealing = {
  /** 32 bytes. */
  readonly commitment: Uint8Array;
  /** For content that was checked: what is kept, and the digest under which the same commitment would stand if it were there blind. */
  readonly checked?: { readonly facts: SealedFacts | SealedForeignFacts; readonly blind: Uint8Array };
};

/** Rows of `sealed` for the append statement, by the place of their entry in the batch: JSON for jsonb_to_recordset. */
export function sealedRows(sealings: readonly (Sealing | undefined)[]): string {
  const rows: object[] = [];
  for (const [i, sealing] of sealings.entries()) {
    if (sealing?.checked === undefined) continue;
    const { facts, blind } = sealing.checked;
    rows.push({
      i,
      commitment: Buffer.from(sealing.commitment).toString('hex'),
      // Text, as they don't fit into a JSON number.
      commitment8: String(prefix8(sealing.commitment)),
      blind: Buffer.from(blind).toString('hex'),
      blind8: String(prefix8(blind)),
      ...('service' in facts ? statementRow(facts) : { ...facts, boundaries: [] }),
    });
  }
  return JSON.stringify(rows);
}

function statementRow({ expiresAt: expires_at, ...rest }: SealedFacts): object {
  return { ...rest, expires_at };
}

/** The commitments of a batch that are blind, with the places of their entries. */
export function blindCommitments(sealings: readonly (Sealing | undefined)[]): {
  readonly places: readonly number[];
  readonly commitments: readonly Uint8Array[];
} {
  const places: number[] = [];
  const commitments: Uint8Array[] = [];
  for (const [i, sealing] of sealings.entries()) {
    if (sealing === undefined || sealing.checked !== undefined) continue;
    places.push(i);
    commitments.push(sealing.commitment);
  }
  return { places, commitments };
}

/** SHA-256(JCS(content)) of those of these entries that are sealed and were checked. */
export async function readKeptContents(
  kysely: Kysely<Schema>,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, Uint8Array>> {
  const rows = await kysely.selectFrom('sealed').select(['idx', 'content']).where('idx', 'in', indexes).execute();
  return new Map(rows.map(({ idx, content }) => [Number(idx), content]));
}
