import { formatVkey, hexEncode, parseVkey } from '@assent/verifier';
import type { Kysely } from 'kysely';
import { type Config, type Flags, loadConfig } from '../config/load-config.ts';
import type { Schema } from '../database/schema.ts';
import { createCommandLogger } from '../logger.ts';
import { readSigningIdentity } from '../maintenance/signing-identity.ts';
import { nativePrimitives, nativeSha256 } from '../native-primitives.ts';
import { guardDirectory } from '../open-parts.ts';
import { Guard, type GuardState } from '../publisher/guard.ts';
import { AdoptionRefused, adoptGuard } from '../publisher/open-guard.ts';
import { newestHead } from '../store/heads.ts';
import { databaseIdentity, readLogRow, setGuardId } from '../store/log-row.ts';
import { type SigningProcess, whileNobodySigns } from '../store/server-presence.ts';
import { readFullTile } from '../store/tiles.ts';
import { recomputeTree, type TreeState } from '../tree/load-tree.ts';
import { TileCache } from '../tree/tile-cache.ts';
import { configuredWitnesses } from '../witness/open-witnessing.ts';
import { type Probed, probeWitnesses } from '../witness/probe-witnesses.ts';
import { readWitnessSettings } from '../witness/witness-settings.ts';
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

export type AdoptOptions = { readonly yes: boolean; readonly withoutWitnesses: boolean };

/** `assent-log guard adopt`: binds the guard to the database as it is. */
export async function adopt({ yes, withoutWitnesses }: AdoptOptions, flags: Flags): Promise<void> {
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
    const probed = await probe(kysely, config, state, cache);
    refuseIfWitnessed(probed, withoutWitnesses);
    const adopted = await whileNobodySigns(database.pool, async () => {
      const { state: made } = await adoptGuard(guard, row, state, identity, cache, nativeSha256);
      await setGuardId(kysely, made.id);
      return made;
    });
    if (!adopted.alone) throw new CommandFailed(othersSign(adopted.others));
    process.stdout.write(describe(adopted.value, guard.directory) + describeProbe(probed));
  } finally {
    await close();
  }
}

/** What the configured witnesses hold; they were told of every head that this log meant to stand by. */
async function probe(kysely: Kysely<Schema>, config: Config, state: TreeState, cache: TileCache): Promise<Probed> {
  const { origin, publicKeys } = (await readSigningIdentity(kysely))!;
  const logKeys = publicKeys.map((publicKey) => {
    const key = parseVkey(formatVkey(origin, publicKey, nativeSha256), nativeSha256);
    if (!key.ok) throw new TypeError(`publicKey: ${key.detail}`);
    return key.value;
  });
  const { witnesses } = readWitnessSettings(configuredWitnesses(config), logKeys);
  return probeWitnesses({ witnesses, origin, logKeys, state, cache, primitives: nativePrimitives });
}

function refuseIfWitnessed({ contained, silent, conflicts }: Probed, withoutWitnesses: boolean): void {
  const [first] = conflicts;
  if (first !== undefined) {
    throw new AdoptionRefused(
      `The witness ${first.name} holds a checkpoint ${first.conflict}. Going on from this database would fork the log: restore the one that holds what was signed.`,
    );
  }
  if (silent.length > 0 && contained.length === 0 && !withoutWitnesses) {
    throw new AdoptionRefused(
      `None of the witnesses (${silent.join(', ')}) shows which checkpoint of this log it holds, so none confirms that this database is the newest. Try again when one can be reached; or ask their operators, and run it again with --without-witnesses.`,
    );
  }
}

function describeProbe({ contained, silent }: Probed): string {
  const line = (label: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `witnesses  ${label}: ${names.join(', ')}\n`;
  return line('this database contains what they hold', contained) + line('did not show what they hold', silent);
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
