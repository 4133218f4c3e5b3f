import { ConfigError } from '../config/config-error.ts';
import { type Config, type Flags, loadConfig } from '../config/load-config.ts';
import type { Database } from '../database/connect.ts';
import { createLogger } from '../logger.ts';
import { openOldDatabase } from '../maintenance/database-source.ts';
import type { EntrySource } from '../maintenance/entry-source.ts';
import { MaintenanceFailure } from '../maintenance/maintenance-failure.ts';
import { openMirror } from '../maintenance/mirror-source.ts';
import { terminalProgress } from '../maintenance/progress.ts';
import { openReceipts } from '../maintenance/receipts-source.ts';
import { type Recovered, recoverLog } from '../maintenance/recover-log.ts';
import { openCheckpoint, readCheckpointText, type SigningIdentity } from '../maintenance/signed-checkpoint.ts';
import { readSigningIdentity } from '../maintenance/signing-identity.ts';
import { nativeSha256 } from '../native-primitives.ts';
import { guardDirectory } from '../open-parts.ts';
import { Guard } from '../publisher/guard.ts';
import { type LogRow, readLogRow } from '../store/log-row.ts';
import { whileNobodySigns } from '../store/server-presence.ts';
import { openConfiguredDatabase } from './open-configured-database.ts';

export type RecoverCommandOptions = {
  readonly from?: readonly string[];
  readonly checkpoint?: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

/** `assent-log recover`: gets back entries that were signed and that a restored database lacks. */
export async function recover(options: RecoverCommandOptions, flags: Flags): Promise<void> {
  const { from = [], json = false } = options;
  refusePasswords(from);
  const config = loadConfig(flags, process.env);
  const opened = await openConfiguredDatabase({ ...config, databaseConnections: 4 }, createLogger('silent'), {
    applicationName: 'assent-log recover',
  });
  try {
    const { database } = opened;
    const row = await readLogRow(database.kysely);
    const log = await readSigningIdentity(database.kysely);
    if (row === undefined || log === undefined) {
      throw new MaintenanceFailure(
        'refused',
        'No log was ever started on this database. To fill an empty one, start the server on it once with the old data directory: it comes up read-only, and knows then whose database it is.',
      );
    }
    const result = await whileNobodySigns(database.pool, () => run(database, row, log, config, options));
    if (!result.alone) {
      throw new MaintenanceFailure(
        'refused',
        `A server runs on this database (connection ${result.others.map(({ pid }) => pid).join(', ')}): stop every server of this log first.`,
      );
    }
    process.stdout.write(
      json ? `${JSON.stringify(toJson(result.value))}\n` : describe(result.value, options.dryRun === true),
    );
  } finally {
    await opened.close();
  }
}

async function run(
  database: Database,
  row: LogRow,
  log: SigningIdentity,
  config: Config,
  { from = [], checkpoint = [], dryRun = false }: RecoverCommandOptions,
): Promise<Recovered> {
  const progress = terminalProgress('recovering entries');
  const sources = await openSources(from, row, log);
  try {
    const checkpoints = [];
    for (const source of checkpoint) {
      checkpoints.push({ checkpoint: await openCheckpoint(await readCheckpointText(source), log, source), source });
    }
    return await recoverLog({
      database,
      row,
      guard: new Guard(guardDirectory(config.dataDir)),
      sources,
      checkpoints,
      dryRun,
      sha256: nativeSha256,
      now: Date.now,
      progress,
    });
  } finally {
    progress.end();
    for (const source of sources) await source.close();
  }
}

/** A folder or address of a copy, the address of a database, or files of receipts, which count as one source. */
async function openSources(from: readonly string[], row: LogRow, log: SigningIdentity): Promise<EntrySource[]> {
  const receipts = from.filter((source) => source.endsWith('.json'));
  const sources: EntrySource[] = [];
  try {
    for (const source of from) {
      if (receipts.includes(source)) continue;
      sources.push(
        isDatabase(source) ? await openOldDatabase(source, row, nativeSha256) : await openMirror(source, log),
      );
    }
    if (receipts.length > 0) sources.push(await openReceipts(receipts, log));
    return sources;
  } catch (error) {
    for (const source of sources) await source.close();
    throw error;
  }
}

function isDatabase(source: string): boolean {
  return /^postgres(ql)?:\/\//.test(source);
}

/** A flag can be read by every user of the machine in the list of processes. */
function refusePasswords(from: readonly string[]): void {
  if (from.some((source) => isDatabase(source) && new URL(source).password !== '')) {
    throw new ConfigError(
      '--from takes no password: every user here could read it. Put it into ~/.pgpass, or into PGPASSWORD.',
    );
  }
}

function toJson({ from, to, sealed, guard }: Recovered): object {
  return { type: 'assent/recovery/v1', from, to, sealed, ...(guard !== undefined && { guard }) };
}

function describe({ from, to, sealed, guard }: Recovered, dryRun: boolean): string {
  if (dryRun) return `${to - from} entries can be recovered (${from} to ${to}). Nothing was written.\n`;
  const lines = [
    `recovered  ${to - from} entries; the log has ${to}, and everything that is known to be signed`,
    ...(sealed === 0
      ? []
      : [
          `sealed     ${sealed} of them: what the log kept in private of these is lost, so they are found by their commitment alone`,
        ]),
    ...(guard === 'adopted' ? ['guard      bound to this database'] : []),
    ...(guard === 'absent'
      ? [
          'guard      there is none of this log here: compare with the newest checkpoint that anyone holds, then run "assent-log guard adopt"',
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}
