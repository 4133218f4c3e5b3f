import type { Sha256 } from '@assent/verifier';
import type { Database } from '../database/connect.ts';
import { WriteSession } from '../database/write-session.ts';
import { extendsHead } from '../publisher/extends-head.ts';
import type { Guard } from '../publisher/guard.ts';
import { APPEND_SESSION } from '../store/append-batch.ts';
import { newestHead } from '../store/heads.ts';
import type { LogRow } from '../store/log-row.ts';
import { readFullTile } from '../store/tiles.ts';
import { recomputeTree, type TreeState } from '../tree/load-tree.ts';
import { TileCache } from '../tree/tile-cache.ts';
import type { EntrySource } from './entry-source.ts';
import type { KnownHead } from './known-head.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';
import type { Progress } from './progress.ts';
import { planRecovery } from './recovery-plan.ts';
import { replayEntries } from './replay-entries.ts';
import { type GuardOutcome, settleGuard } from './settle-guard.ts';
import type { SignedCheckpoint } from './signed-checkpoint.ts';

export type RecoverOptions = {
  readonly database: Database;
  readonly row: LogRow;
  readonly guard: Guard;
  readonly sources: readonly EntrySource[];
  readonly checkpoints: readonly { readonly checkpoint: SignedCheckpoint; readonly source: string }[];
  /** Prove that it can be done, and write nothing. */
  readonly dryRun: boolean;
  readonly sha256: Sha256;
  readonly now: () => number;
  readonly progress: Progress;
};

export type Recovered = {
  readonly from: number;
  readonly to: number;
  readonly sealed: number;
  readonly guard: GuardOutcome | undefined;
};

/**
 * Brings a database that lost signed entries back to everything that is known to be signed: the guard's head, and every
 * checkpoint that is given or that a source holds. The whole range is read and proven first; only then the first entry is
 * written. Nobody else may sign meanwhile. Safe to repeat, after a crash too.
 *
 * Throws {MaintenanceFailure}, {TreeDamaged}.
 */
export async function recoverLog(options: RecoverOptions): Promise<Recovered> {
  const { database, row, guard, sources, dryRun, sha256, progress } = options;
  const { kysely, pool } = database;
  const head = await newestHead(kysely);
  if (head === undefined) throw new MaintenanceFailure('refused', 'No log was ever started on this database.');
  const state = await recomputeTree(kysely, head, sha256);
  const record = await guard.read();
  const heads = knownHeads(options, record?.state.origin === row.origin ? record.state.head : undefined);
  if (heads.length === 0) {
    throw new MaintenanceFailure(
      'refused',
      `Nothing says what was signed: there is no fork guard of this log in ${guard.directory}. Give the newest checkpoint that anyone holds: --checkpoint <file or address>.`,
    );
  }
  await refuseFork(database, state, heads, sha256);
  const plan = await planRecovery(state, heads, sources, sha256, progress);
  if (dryRun) return { from: plan.from, to: plan.to, sealed: 0, guard: undefined };
  const session = new WriteSession(pool, APPEND_SESSION);
  try {
    const replayed = await replayEntries(session, state, plan, sources, sha256, progress);
    const outcome = await settleGuard(database, session, guard, record, row, replayed.state, options.now(), sha256);
    return { from: plan.from, to: plan.to, sealed: replayed.sealed, guard: outcome };
  } finally {
    session.close();
  }
}

function knownHeads(
  { guard, sources, checkpoints }: RecoverOptions,
  signed: { readonly size: number; readonly root: Uint8Array } | undefined,
): KnownHead[] {
  const given = [
    ...checkpoints,
    ...sources.flatMap(({ name, checkpoints: held }) => held.map((checkpoint) => ({ checkpoint, source: name }))),
  ];
  return [
    ...given.map(
      ({ checkpoint: { size, root }, source }): KnownHead => ({ size, root, source, finding: 'checkpoint_head' }),
    ),
    ...(signed === undefined
      ? []
      : [{ ...signed, source: `the fork guard in ${guard.directory}`, finding: 'guard_head' as const }]),
  ];
}

/** What the database has already must be what was signed, or nothing can be appended to it. */
async function refuseFork(
  { kysely }: Database,
  state: TreeState,
  heads: readonly KnownHead[],
  sha256: Sha256,
): Promise<void> {
  const cache = new TileCache((level, index) => readFullTile(kysely, level, index), sha256);
  for (const { size, root, source } of heads) {
    if (size > state.head.size || (await extendsHead({ size, root }, state, cache, sha256))) continue;
    throw new MaintenanceFailure(
      'refused',
      `This database does not contain what ${source} says was signed at size ${size}: it holds another history, and nothing can be appended to that. Restore an older backup, from before it went its own way.`,
    );
  }
}
