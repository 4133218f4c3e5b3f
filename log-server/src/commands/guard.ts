import { hexEncode } from '@assent/verifier';
import { type Flags, loadConfig } from '../config/load-config.ts';
import { createCommandLogger } from '../logger.ts';
import { nativeSha256 } from '../native-primitives.ts';
import { guardDirectory } from '../open-parts.ts';
import { Guard, type GuardState } from '../publisher/guard.ts';
import { adoptGuard } from '../publisher/open-guard.ts';
import { newestHead } from '../store/heads.ts';
import { databaseIdentity, readLogRow, setGuardId } from '../store/log-row.ts';
import { type SigningProcess, whileNobodySigns } from '../store/server-presence.ts';
import { readFullTile } from '../store/tiles.ts';
import { recomputeTree } from '../tree/load-tree.ts';
import { TileCache } from '../tree/tile-cache.ts';
import { CommandFailed } from './keys.ts';
import { openConfiguredDatabase } from './open-configured-database.ts';

/** `assent-log guard show`: what the fork guard holds; asks no database. */
export async function showGuard(json: boolean, flags: Flags): Promise<void> {
  const { dataDir } = loadConfig(flags, process.env);
  const guard = new Guard(guardDirectory(dataDir));
  const record = await guard.read();
  if (record === undefined) throw new CommandFailed(`There is no fork guard in ${guard.directory}.`);
  process.stdout.write(json ? `${JSON.stringify(toJson(record.state))}\n` : describe(record.state, guard.directory));
}

/** `assent-log guard adopt`: binds the guard to the database as it is. */
export async function adopt(yes: boolean, flags: Flags): Promise<void> {
  if (!yes) {
    throw new CommandFailed(
      'Adopting tells the log that this database is the newest that ever was. If entries were ever signed that it lacks, the log forks. Stop every server of this log, compare the newest checkpoint that anyone holds with this database, then run it again with --yes.',
    );
  }
  const config = loadConfig(flags, process.env);
  const { database, close } = await openConfiguredDatabase(config, createCommandLogger(config.logLevel));
  try {
    const { kysely } = database;
    const row = await readLogRow(kysely);
    const head = await newestHead(kysely);
    if (row === undefined || head === undefined) throw new CommandFailed('No log was ever started on this database.');
    const state = await recomputeTree(kysely, head, nativeSha256);
    const guard = new Guard(guardDirectory(config.dataDir));
    const cache = new TileCache((level, index) => readFullTile(kysely, level, index), nativeSha256);
    const identity = await databaseIdentity(kysely);
    const adopted = await whileNobodySigns(database.pool, async () => {
      const { state: made } = await adoptGuard(guard, row, state, identity, cache, nativeSha256);
      await setGuardId(kysely, made.id);
      return made;
    });
    if (!adopted.alone) throw new CommandFailed(othersSign(adopted.others));
    process.stdout.write(describe(adopted.value, guard.directory));
  } finally {
    await close();
  }
}

function othersSign(others: readonly SigningProcess[]): string {
  const list = others.map(({ pid, address }) => `${address ?? 'this host'} (database connection ${pid})`).join(', ');
  return `Servers of this log run on this database: ${list || 'one that just started'}. Stop every one of them first.`;
}

function describe({ id, origin, head, database }: GuardState, directory: string): string {
  return `${[
    `guard      ${id} in ${directory}`,
    `log        ${origin}`,
    `head       size ${head.size}, root ${hexEncode(head.root)}, ${new Date(head.timestamp).toISOString()}`,
    `database   system ${database.systemIdentifier}, timeline ${database.timeline}`,
  ].join('\n')}\n`;
}

function toJson({ id, origin, head, database }: GuardState): unknown {
  return { type: 'assent/guard-state/v1', id, origin, head: { ...head, root: hexEncode(head.root) }, database };
}
