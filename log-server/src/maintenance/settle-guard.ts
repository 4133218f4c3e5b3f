import { equalBytes, type Sha256 } from '@assent/verifier';
import type { Database } from '../database/connect.ts';
import type { WriteSession } from '../database/write-session.ts';
import type { Guard, GuardRecord } from '../publisher/guard.ts';
import { adoptGuard } from '../publisher/open-guard.ts';
import { headAt, insertIdleHead, newestHead, writeBarrier } from '../store/heads.ts';
import { databaseIdentity, type LogRow, setGuardId } from '../store/log-row.ts';
import { readFullTile } from '../store/tiles.ts';
import type { TreeState } from '../tree/load-tree.ts';
import { TileCache } from '../tree/tile-cache.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';

/** `adopted`: it was bound to this database. `absent`: there is none that could prove anything. */
export type GuardOutcome = 'kept' | 'adopted' | 'absent';

/**
 * Makes the fork guard and a recovered chain agree. The chain gets a head that is later than the guard's, or that one
 * itself; and a guard that knew another database is bound to this one, which holds all that the guard knows to be signed.
 */
export async function settleGuard(
  { kysely }: Database,
  session: WriteSession,
  guard: Guard,
  record: GuardRecord | undefined,
  row: LogRow,
  state: TreeState,
  now: number,
  sha256: Sha256,
): Promise<GuardOutcome> {
  if (record === undefined || record.state.origin !== row.origin) return 'absent';
  const { head: signed, id, database: bound } = record.state;
  const identity = await databaseIdentity(kysely);
  const same = bound.systemIdentifier === identity.systemIdentifier && bound.timeline === identity.timeline;
  const held = await headAt(kysely, signed.seq);
  const contained =
    held !== undefined &&
    held.size === signed.size &&
    held.timestamp === signed.timestamp &&
    equalBytes(held.root, signed.root);
  if (same && id === row.guardId && contained) return 'kept';

  // Times grow along the heads that were signed, whatever their numbers are now.
  let newest = state.head;
  if (newest.timestamp <= signed.timestamp) {
    const timestamp = Math.max(now, signed.timestamp + 1);
    await insertIdleHead(kysely, newest, timestamp);
    newest = (await newestHead(kysely))!;
    if (newest.seq !== state.head.seq + 1 || newest.timestamp !== timestamp) {
      throw new MaintenanceFailure('refused', 'Somebody else appended meanwhile. Stop every server, and run it again.');
    }
  }
  await barrier(session);
  const cache = new TileCache((level, index) => readFullTile(kysely, level, index), sha256);
  const adopted = await adoptGuard(guard, row, { ...state, head: newest }, identity, cache, sha256);
  await setGuardId(kysely, adopted.state.id);
  return 'adopted';
}

/** What was replayed is durable, on the standbys as well, before the guard believes it. */
async function barrier(session: WriteSession): Promise<void> {
  const first = await session.run(writeBarrier);
  const { acknowledged } = first.acknowledged ? first : await session.run(writeBarrier);
  if (acknowledged) return;
  throw new MaintenanceFailure(
    'refused',
    'The database does not confirm that what it stores is durable. Run it again.',
  );
}
