import { emptyRoot, type Sha256 } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { recomputeTree, type TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { insertFirstHead, newestHead } from './heads.ts';
import { fixLogRow, type LogRow } from './log-row.ts';
import { WrongLog } from './wrong-log.ts';

/**
 * Fixes origin, first key and guard in a new database, or checks the origin against what is fixed, and recomputes the
 * tree from what is stored. `proposed.guardId` and `proposed.publicKey` count only in a new database; which keys sign
 * since then is for the chain to say.
 *
 * @throws {WrongLog} for another origin
 * @throws {TreeDamaged} when the stored entries do not give the newest head's root
 */
export async function openLog(
  kysely: Kysely<Schema>,
  proposed: LogRow,
  now: number,
  sha256: Sha256,
  cache?: TileCache,
): Promise<{ row: LogRow; state: TreeState }> {
  const row = await fixLogRow(kysely, proposed, now);
  if (row.origin !== proposed.origin) {
    throw new WrongLog(
      `This database holds the log ${row.origin}, but the server is started as ${proposed.origin}. Set ASSENT_ORIGIN=${row.origin}, or give it another database.`,
    );
  }
  await insertFirstHead(kysely, { seq: 0, size: 0, root: emptyRoot(sha256), timestamp: now });
  const head = await newestHead(kysely);
  return { row, state: await recomputeTree(kysely, head!, sha256, cache) };
}
