import { createApiKeyText, parseApiKeyText } from '../api-key-text.ts';
import { API_KEY_CACHE_MS } from '../api-keys.ts';
import { ConfigError } from '../config/config-error.ts';
import { type Flags, loadConfig } from '../config/load-config.ts';
import { SERVICE_PATTERN } from '../config/values.ts';
import type { Database } from '../database/connect.ts';
import { createLogger } from '../logger.ts';
import { insertApiKey, listApiKeys, revokeApiKey, type StoredApiKey } from '../store/api-keys.ts';
import { openConfiguredDatabase } from './open-configured-database.ts';

/** A command that was understood and could not be done; the program prints the message and ends with its code. */
export class CommandFailed extends Error {
  /** What the program ends with, where a command tells failures apart. */
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'CommandFailed';
    this.exitCode = exitCode;
  }
}

/** `assent-log keys add`: the key alone goes to stdout, so that it can be piped into a secret store. */
export function addKey(name: string, services: readonly string[], flags: Flags): Promise<void> {
  if (name.trim() === '' || name.length > 128) throw new ConfigError('--name must be 1 to 128 characters.');
  const wrong = services.find((service) => !SERVICE_PATTERN.test(service));
  if (wrong !== undefined || services.length === 0) {
    throw new ConfigError(
      `--service must be service names (letters, digits and . _ : @ + -) or *, not ${JSON.stringify(wrong ?? '')}.`,
    );
  }
  return withDatabase(flags, async (database) => {
    const text = createApiKeyText();
    const parsed = parseApiKeyText(text);
    const created =
      parsed !== undefined &&
      (await insertApiKey(database, { ...parsed, name, services: [...new Set(services)], createdAt: Date.now() }));
    if (!created) throw new CommandFailed('The new key has the id of another one by chance: run the command again.');
    process.stdout.write(`${text}\n`);
    process.stderr.write(
      `Key ${parsed.id} may append for ${services.join(', ')}. It is not shown again. Use it as: Authorization: Bearer <key>\n`,
    );
  });
}

/** `assent-log keys list` */
export function listKeys(json: boolean, flags: Flags): Promise<void> {
  return withDatabase(flags, async (database) => {
    const keys = await listApiKeys(database);
    process.stdout.write(
      json ? `${JSON.stringify({ type: 'assent/api-keys/v1', keys: keys.map(toJson) })}\n` : table(keys),
    );
  });
}

/** `assent-log keys revoke` */
export function revokeKey(id: string, flags: Flags): Promise<void> {
  if (!/^[0-9a-f]{8}$/.test(id)) {
    throw new ConfigError('ID must be the 8 hexadecimal digits that "assent-log keys list" shows.');
  }
  return withDatabase(flags, async (database) => {
    const before = await revokeApiKey(database, id, Date.now());
    if (before === undefined) throw new CommandFailed(`There is no API key ${id}. "assent-log keys list" shows all.`);
    process.stderr.write(
      before.revokedAt === null
        ? `Key ${id} is revoked; running servers refuse it within ${API_KEY_CACHE_MS / 1000} seconds.\n`
        : `Key ${id} was revoked already, at ${time(before.revokedAt)}.\n`,
    );
  });
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

function toJson({ id, name, services, createdAt, revokedAt }: StoredApiKey): object {
  return {
    id,
    name,
    services,
    created_at: time(createdAt),
    ...(revokedAt === null ? {} : { revoked_at: time(revokedAt) }),
  };
}

function table(keys: readonly StoredApiKey[]): string {
  const rows = [
    ['ID', 'NAME', 'SERVICES', 'CREATED', 'REVOKED'],
    ...keys.map(({ id, name, services, createdAt, revokedAt }) => [
      id,
      name,
      services.join(','),
      time(createdAt),
      revokedAt === null ? '-' : time(revokedAt),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
