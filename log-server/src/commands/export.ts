import { equalBytes } from '@assent/verifier';
import { ConfigError } from '../config/config-error.ts';
import { type Config, type Flags, loadConfig } from '../config/load-config.ts';
import type { Database } from '../database/connect.ts';
import { type LogKey, loadLogKey } from '../log-key.ts';
import { activeKeys, LogTimeline } from '../log-timeline.ts';
import { createLogger } from '../logger.ts';
import { type Exported, exportLog } from '../maintenance/export-log.ts';
import { MaintenanceFailure } from '../maintenance/maintenance-failure.ts';
import { terminalProgress } from '../maintenance/progress.ts';
import {
  openCheckpoint,
  readCheckpointText,
  type SignedCheckpoint,
  type SigningIdentity,
} from '../maintenance/signed-checkpoint.ts';
import { readSigningIdentity } from '../maintenance/signing-identity.ts';
import { StaticFolder } from '../maintenance/static-folder.ts';
import { nativeSha256, promptPrimitives } from '../native-primitives.ts';
import { guardDirectory } from '../open-parts.ts';
import { Guard } from '../publisher/guard.ts';
import { HeadSigner } from '../publisher/head-signer.ts';
import { headOfSize } from '../store/heads.ts';
import { readLogChanges } from '../store/log-changes.ts';
import { readLogRow } from '../store/log-row.ts';
import { recomputeTree } from '../tree/load-tree.ts';
import { openConfiguredDatabase } from './open-configured-database.ts';

export type ExportCommandOptions = {
  readonly to?: string;
  readonly checkpoint?: string;
  readonly size?: string;
  readonly checkAll?: boolean;
  readonly json?: boolean;
};

/** `assent-log export`: the log as static files, for a web server or a mirror. */
export async function exportCommand(options: ExportCommandOptions, flags: Flags): Promise<void> {
  const { to, checkpoint: source, size, checkAll = false, json = false } = options;
  if (to === undefined || to === '') throw new ConfigError('--to must name the folder that gets the files.');
  if (size !== undefined && (source !== undefined || !/^(0|[1-9][0-9]{0,15})$/.test(size))) {
    throw new ConfigError('--size must be the size of a head, as a decimal, and goes without --checkpoint.');
  }
  const config = loadConfig(flags, process.env);
  const progress = terminalProgress('exporting entries');
  const opened = await openConfiguredDatabase({ ...config, databaseConnections: 2 }, createLogger('silent'), {
    asItIs: true,
    applicationName: 'assent-log export',
  });
  try {
    const { kysely } = opened.database;
    const log = await readSigningIdentity(kysely);
    if (log === undefined) throw new MaintenanceFailure('refused', 'No log was ever started on this database.');
    const checkpoint =
      source === undefined
        ? await signNewest(opened.database, log, config, size === undefined ? undefined : Number(size))
        : await openCheckpoint(await readCheckpointText(source), log, source);
    // The tree in the database must be the one that was signed, down to the last hash, before any of it is copied.
    const { size: covered, root } = checkpoint;
    await recomputeTree(kysely, { seq: 0, size: covered, root, timestamp: 0 }, nativeSha256);
    const folder = new StaticFolder(to);
    const exported = await exportLog({ kysely, folder, log, checkpoint, checkAll, sha256: nativeSha256, progress });
    progress.end();
    process.stdout.write(json ? `${JSON.stringify(toJson(exported, folder))}\n` : describe(exported, folder));
  } finally {
    progress.end();
    await opened.close();
  }
}

/**
 * Without a checkpoint from elsewhere the log's own key signs the head that the guard holds, or an older one. The guard
 * does not move: that head has passed it, and its signature is the same whoever makes it.
 */
async function signNewest(
  { kysely }: Database,
  log: SigningIdentity,
  config: Config,
  size: number | undefined,
): Promise<SignedCheckpoint> {
  const guard = new Guard(guardDirectory(config.dataDir));
  const record = await guard.read();
  if (record === undefined || record.state.origin !== log.origin) {
    throw new MaintenanceFailure(
      'refused',
      `There is no fork guard of this log in ${guard.directory}, so nobody can tell here which head was signed. Give a signed checkpoint instead: --checkpoint <file or address>.`,
    );
  }
  const timeline = new LogTimeline((await readLogRow(kysely))!.publicKey, await readLogChanges(kysely));
  const keys: LogKey[] = [];
  for (const file of [config.logKeyFile, config.nextLogKeyFile]) {
    const key = await loadLogKey(file, { secret: config.logKeySecret });
    if (key !== undefined) keys.push(key);
  }
  const missing = activeKeys(timeline.at()).find((active) => !keys.some((key) => equalBytes(active, key.publicKey)));
  if (missing !== undefined) {
    throw new MaintenanceFailure(
      'refused',
      `${config.logKeyFile} is not this log's key. Give a signed checkpoint instead: --checkpoint <file or address>.`,
    );
  }
  const passed = record.state.head;
  await recomputeTree(kysely, passed, nativeSha256);
  const head = size === undefined ? passed : await headOfSize(kysely, size);
  if (head === undefined || head.size > passed.size) {
    throw new MaintenanceFailure('refused', `No head of size ${size} was signed; the newest has size ${passed.size}.`);
  }
  const note = await new HeadSigner(log.origin, keys, timeline, promptPrimitives).sign(head, passed.seq);
  return openCheckpoint(note, log, 'the checkpoint that was just signed');
}

function toJson({ size, from, files, withheld }: Exported, folder: StaticFolder): object {
  return { type: 'assent/export/v1', folder: folder.root, size, from, files, withheld };
}

function describe({ size, from, files, withheld }: Exported, folder: StaticFolder): string {
  const hidden = withheld.length === 0 ? '' : `; withheld: ${withheld.join(', ')}`;
  return `${folder.root}: ${size} entries (${size - from} new), ${files} files written${hidden}\n`;
}
