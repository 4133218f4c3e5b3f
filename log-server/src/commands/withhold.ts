import { parseDecimal } from '@assent/verifier';
import { ConfigError } from '../config/config-error.ts';
import { type Flags, loadConfig } from '../config/load-config.ts';
import type { Database } from '../database/connect.ts';
import { createLogger } from '../logger.ts';
import { eraseEntry } from '../store/erase-entry.ts';
import { newestHead } from '../store/heads.ts';
import { deleteWithheld, insertWithheld, listWithheld, type WithheldEntry } from '../store/withheld.ts';
import { WITHHELD_CACHE_MS } from '../withheld-entries.ts';
import { CommandFailed } from './keys.ts';
import { openConfiguredDatabase } from './open-configured-database.ts';
import { textTable } from './text-table.ts';

export type WithholdOptions = {
  readonly reason?: string;
  readonly undo?: boolean;
  readonly erase?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
};

const MOST_REASON = 1_000;
const SECONDS = WITHHELD_CACHE_MS / 1000;

/** `assent-log withhold <index>|list`: stops serving an entry's public bytes, while its hash stays in the tree. */
export async function withhold(what: string, options: WithholdOptions, flags: Flags): Promise<void> {
  if (what === 'list') return withDatabase(flags, (database) => list(database, options.json === true));
  const index = parseDecimal(what);
  if (!index.ok) throw new ConfigError(`Give the index of an entry, or "list", not ${JSON.stringify(what)}.`);
  if (options.undo) {
    if (options.erase || options.reason !== undefined) {
      throw new ConfigError('--undo goes without --reason and --erase: what was erased can not come back.');
    }
    return withDatabase(flags, (database) => undo(database, index.value));
  }
  const reason = options.reason?.trim() ?? '';
  if (reason === '' || reason.length > MOST_REASON) {
    throw new ConfigError(
      `--reason must say why, in 1 to ${MOST_REASON} characters (the order and its date); it is not published.`,
    );
  }
  if (options.erase && !options.yes) {
    throw new CommandFailed(
      `Erasing destroys the stored bytes of entry ${index.value} for good; only its hash remains. Replicas, backups and write-ahead logs still hold them until they expire. Run it again with --yes.`,
    );
  }
  return withDatabase(flags, (database) => add(database, index.value, reason, options.erase === true));
}

async function add({ kysely }: Database, index: number, reason: string, erase: boolean): Promise<void> {
  const head = await newestHead(kysely);
  if (head === undefined || index >= head.size) {
    throw new CommandFailed(`There is no entry ${index}: the log has ${head?.size ?? 0} entries.`);
  }
  const added = await insertWithheld(kysely, { index, reason, at: Date.now() });
  say(
    added
      ? `Entry ${index} is withheld; running servers stop serving it within ${SECONDS} seconds. Caches and mirrors keep what they fetched before: purge them.`
      : `Entry ${index} was withheld already; its reason stays as it was.`,
  );
  if (!erase) return;
  const erased = await eraseEntry(kysely, index);
  say(
    erased ? `The stored bytes of entry ${index} are destroyed.` : `The bytes of entry ${index} were erased already.`,
  );
}

async function undo({ kysely }: Database, index: number): Promise<void> {
  const entry = (await listWithheld(kysely)).find((withheld) => withheld.index === index);
  if (entry === undefined) throw new CommandFailed(`Entry ${index} is not withheld.`);
  if (!(await deleteWithheld(kysely, index))) {
    throw new CommandFailed(`The bytes of entry ${index} were erased: there is nothing that could be served again.`);
  }
  say(`Entry ${index} is served again within ${SECONDS} seconds.`);
}

async function list({ kysely }: Database, json: boolean): Promise<void> {
  const entries = await listWithheld(kysely);
  const text = json
    ? `${JSON.stringify({ type: 'assent/withheld/v1', entries: entries.map(toJson) })}\n`
    : textTable([['INDEX', 'WITHHELD', 'BYTES', 'REASON'], ...entries.map(row)]);
  process.stdout.write(text);
}

function toJson({ index, reason, at, erased }: WithheldEntry): object {
  return { index, reason, at: new Date(at).toISOString(), erased };
}

function row({ index, reason, at, erased }: WithheldEntry): string[] {
  return [String(index), new Date(at).toISOString(), erased ? 'erased' : 'kept', reason.replaceAll(/\s+/g, ' ')];
}

async function withDatabase(flags: Flags, action: (database: Database) => Promise<void>): Promise<void> {
  const config = loadConfig(flags, process.env);
  const opened = await openConfiguredDatabase({ ...config, databaseConnections: 2 }, createLogger('silent'));
  try {
    await action(opened.database);
  } finally {
    await opened.close();
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
