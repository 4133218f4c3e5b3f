import { hexEncode, type Sha256 } from '@assent/verifier';
import type { DatabaseIdentity, LogRow } from '../store/log-row.ts';
import type { TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tree-reader.ts';
import { extendsHead } from './extends-head.ts';
import { Guard, type GuardRecord } from './guard.ts';

/**
 * The id for a database that has no guard yet: that of a guard in this directory which has passed no entry (the log was
 * killed between making the guard and recording its id), else a new one.
 */
export async function proposeGuardId(guard: Guard, origin: string): Promise<string> {
  const record = await guard.read();
  const unused = record !== undefined && record.state.head.size === 0 && record.state.origin === origin;
  return unused ? record.state.id : Guard.newId();
}

/**
 * Makes the guard of a log that has no entries yet. Where there are entries a missing guard is not made: it may be
 * missing because the data directory is another one, and then an older copy of the database would pass for the newest.
 */
export async function createGuard(
  guard: Guard,
  row: LogRow,
  state: TreeState,
  database: DatabaseIdentity,
): Promise<void> {
  if (state.head.size > 0 || (await guard.read()) !== undefined) return;
  await guard.compareAndSwap(undefined, { id: row.guardId, origin: row.origin, head: state.head, database });
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
