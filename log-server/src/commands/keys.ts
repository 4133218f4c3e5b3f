import { createApiKeyText, parseApiKeyText } from '../api-key-text.ts';
import { API_KEY_CACHE_MS } from '../api-keys.ts';
import { ConfigError } from '../config/config-error.ts';
import { type Flags, loadConfig } from '../config/load-config.ts';
import type { Database } from '../database/connect.ts';
import { createLogger } from '../logger.ts';
import type { Rate } from '../rate-limits.ts';
import { insertApiKey, limitApiKey, listApiKeys, revokeApiKey, type StoredApiKey } from '../store/api-keys.ts';
import { describeRights, type KeyTermFlags, parseKeyTerms, parseRate, type RateFlags } from './key-terms.ts';
import { openConfiguredDatabase } from './open-configured-database.ts';
import { textTable } from './text-table.ts';

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
export function addKey(name: string, terms: KeyTermFlags, flags: Flags): Promise<void> {
  if (name.trim() === '' || name.length > 128) throw new ConfigError('--name must be 1 to 128 characters.');
  const key = { name, ...parseKeyTerms(terms) };
  return withDatabase(flags, async (database) => {
    const text = createApiKeyText();
    const parsed = parseApiKeyText(text);
    const created =
      parsed !== undefined && (await insertApiKey(database, { ...parsed, ...key, createdAt: Date.now() }));
    if (!created) throw new CommandFailed('The new key has the id of another one by chance: run the command again.');
    process.stdout.write(`${text}\n`);
    process.stderr.write(
      `Key ${parsed.id} may append ${describeRights(key).join('; ')}. It is not shown again. Use it as: Authorization: Bearer <key>\n`,
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

/** `assent-log keys limit` */
export function limitKey(id: string, flags: RateFlags, configFlags: Flags): Promise<void> {
  checkKeyId(id);
  const rate = parseRate(flags);
  return withDatabase(configFlags, async (database) => {
    if (!(await limitApiKey(database, id, rate))) throw noSuchKey(id);
    process.stderr.write(
      `Key ${id} may append ${rate === null ? 'without a limit' : describeRate(rate)}; running servers know within ${API_KEY_CACHE_MS / 1000} seconds.\n`,
    );
  });
}

/** `assent-log keys revoke` */
export function revokeKey(id: string, flags: Flags): Promise<void> {
  checkKeyId(id);
  return withDatabase(flags, async (database) => {
    const before = await revokeApiKey(database, id, Date.now());
    if (before === undefined) throw noSuchKey(id);
    process.stderr.write(
      before.revokedAt === null
        ? `Key ${id} is revoked; running servers refuse it within ${API_KEY_CACHE_MS / 1000} seconds.\n`
        : `Key ${id} was revoked already, at ${time(before.revokedAt)}.\n`,
    );
  });
}

/** @throws {ConfigError} if it is none */
export function checkKeyId(id: string): void {
  if (/^[0-9a-f]{8}$/.test(id)) return;
  throw new ConfigError('ID must be the 8 hexadecimal digits that "assent-log keys list" shows.');
}

export function noSuchKey(id: string): CommandFailed {
  return new CommandFailed(`There is no API key ${id}. "assent-log keys list" shows all.`);
}

/** Runs a command on the database that the settings name, beside servers that may be running. */
export async function withDatabase(flags: Flags, action: (database: Database) => Promise<void>): Promise<void> {
  const config = loadConfig(flags, process.env);
  const opened = await openConfiguredDatabase({ ...config, databaseConnections: 2 }, createLogger('silent'));
  try {
    await action(opened.database);
  } finally {
    await opened.close();
  }
}

function toJson(key: StoredApiKey): object {
  const { id, name, services, boundaries, trustRoots, blind, foreign, defaultVisibility, rate, createdAt, revokedAt } =
    key;
  return {
    id,
    name,
    services,
    boundaries,
    trust_roots: trustRoots,
    blind,
    foreign,
    ...(defaultVisibility !== null && { default_visibility: defaultVisibility }),
    ...(rate !== null && { rate: { per_second: rate.perSecond, burst: rate.burst } }),
    created_at: time(createdAt),
    ...(revokedAt !== null && { revoked_at: time(revokedAt) }),
  };
}

function table(keys: readonly StoredApiKey[]): string {
  return textTable([
    ['ID', 'NAME', 'SERVICES', 'RATE', 'TERMS', 'CREATED', 'REVOKED'],
    ...keys.map((key) => [
      key.id,
      key.name,
      key.services.join(',') || '-',
      key.rate === null ? '-' : `${key.rate.perSecond}/s (${key.rate.burst})`,
      describeTerms(key) || '-',
      time(key.createdAt),
      key.revokedAt === null ? '-' : time(key.revokedAt),
    ]),
  ]);
}

/** Digests are long: how many there are tells what to look for in `--json`. */
function describeTerms({ blind, foreign, defaultVisibility, boundaries, trustRoots }: StoredApiKey): string {
  return [
    ...(blind ? ['blind'] : []),
    ...(foreign ? ['foreign'] : []),
    ...(defaultVisibility === null ? [] : [`${defaultVisibility} by default`]),
    ...(boundaries.length > 0 ? [`boundaries: ${boundaries.length}`] : []),
    ...(trustRoots.length > 0 ? [`trust roots: ${trustRoots.length}`] : []),
  ].join(', ');
}

function describeRate({ perSecond, burst }: Rate): string {
  return `${perSecond} records a second, and ${burst} at once`;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
