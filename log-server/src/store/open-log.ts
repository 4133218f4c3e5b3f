import { emptyRoot, equalBytes, type Sha256 } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { recomputeTree, type TreeState } from '../tree/load-tree.ts';
import { insertFirstHead, newestHead } from './heads.ts';
import { fixLogRow, type LogRow } from './log-row.ts';

/** The server is started with an identity that is not this database's. */
export class WrongLog extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongLog';
  }
}

/**
 * Fixes origin, key and guard in a new database, or checks them against what is fixed, and recomputes the tree from
 * what is stored. `proposed.guardId` counts only in a new database.
 *
 * @throws {WrongLog} for another origin or key
 * @throws {TreeDamaged} when the stored entries do not give the newest head's root
 */
export async function openLog(
  kysely: Kysely<Schema>,
  proposed: LogRow,
  now: number,
  sha256: Sha256,
): Promise<{ row: LogRow; state: TreeState }> {
  const row = await fixLogRow(kysely, proposed, now);
  if (row.origin !== proposed.origin) {
    throw new WrongLog(
      `This database holds the log ${row.origin}, but the server is started as ${proposed.origin}. Set ASSENT_ORIGIN=${row.origin}, or give it another database.`,
    );
  }
  if (!equalBytes(row.publicKey, proposed.publicKey)) {
    throw new WrongLog(
      `This database holds a log that signs with another key. Give the server the log key file that was made with it (ASSENT_LOG_KEY_FILE), or another database.`,
    );
  }
  await insertFirstHead(kysely, { seq: 0, size: 0, root: emptyRoot(sha256), timestamp: now });
  const head = await newestHead(kysely);
  return { row, state: await recomputeTree(kysely, head!, sha256) };
}
