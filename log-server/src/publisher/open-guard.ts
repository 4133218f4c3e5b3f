import { emptyRoot, hexEncode, type Sha256 } from '@assent/verifier';
import type { DatabaseIdentity, LogRow } from '../store/log-row.ts';
import type { TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { extendsHead } from './extends-head.ts';
import { Guard, type GuardRecord } from './guard.ts';

/**
 * Makes the guard of a log that does not exist yet, and returns its id for the database to record. The guard comes first:
 * once the id is recorded, a missing guard is never made again. Made later, "where the log is still empty", it would be
 * made once in each data directory from which a server starts, and each of them would pass a history of its own.
 *
 * A guard that has passed no entry is used: the log was killed before the database knew its id. One that has is another
 * log's; the id is then a new one, and the guard refuses.
 */
export async function prepareGuard(
  guard: Guard,
  origin: string,
  database: DatabaseIdentity,
  sha256: Sha256,
): Promise<string> {
  for (;;) {
    const record = await guard.read();
    const held = record?.state;
    if (held !== undefined && (held.head.size > 0 || held.origin !== origin)) return Guard.newId();
    if (held !== undefined && isSame(held.database, database)) return held.id;
    // Older than the first head will be, whichever process makes that and whatever its clock says.
    const head = { seq: 0, size: 0, root: emptyRoot(sha256), timestamp: 0 };
    const made = await guard.compareAndSwap(record, { id: Guard.newId(), origin, head, database });
    if (made !== undefined) return made.state.id;
  }
}

function isSame(a: DatabaseIdentity, b: DatabaseIdentity): boolean {
  return a.systemIdentifier === b.systemIdentifier && a.timeline === b.timeline;
}

/** The operator cannot adopt: the guard itself says that the database lacks what was signed. */
export class AdoptionRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AdoptionRefused';
  }
}

/**
 * Binds the guard in this directory to the database as it is: `assent-log guard adopt`, for an operator who knows that
 * this database is the newest that ever was.
 *
 * @returns the new record, whose id the database has to record
 * @throws {AdoptionRefused} when a guard of this log holds a head that the database does not contain
 */
export async function adoptGuard(
  guard: Guard,
  row: LogRow,
  state: TreeState,
  database: DatabaseIdentity,
  cache: TileCache,
  sha256: Sha256,
): Promise<GuardRecord> {
  const record = await guard.read();
  const held = record?.state;
  if (held?.origin === row.origin && !(await extendsHead(held.head, state, cache, sha256))) {
    throw new AdoptionRefused(
      `The guard holds a signed head of size ${held.head.size} (root ${hexEncode(held.head.root)}); this database ends at size ${state.head.size} and does not contain it. Signing from it would fork the log. Restore a copy of the database that holds what was signed.`,
    );
  }
  const id = Guard.newId();
  const adopted = await guard.compareAndSwap(record, { id, origin: row.origin, head: state.head, database });
  if (adopted === undefined)
    throw new AdoptionRefused('The guard moved meanwhile: stop every server of this log first.');
  return adopted;
}
