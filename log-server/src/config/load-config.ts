import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import type { Visibility } from '../admission/append-rights.ts';
import type { PayloadRule } from '../admission/payload-types.ts';
import { MAX_CONNECTIONS } from '../database/embedded/settings.ts';
import type { AppParts } from '../http/app.ts';
import type { LogKeySecret } from '../log-key/log-key-secret.ts';
import type { Rate } from '../rate-limits.ts';
import { ConfigError } from './config-error.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { isLoopback } from './loopback.ts';
import { flagName, OPTIONS, type OptionName } from './options.ts';

export type Config = {
  /** NODE_ENV is `production`. */
  readonly production: boolean;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** How many servers share the port. */
  readonly processes: number;
  readonly origin: string;
  /** Otherwise it is made of the port, for a new log; one that exists keeps its own. */
  readonly originChosen: boolean;
  /** Absolute, as is every path here. */
  readonly dataDir: string;
  /** Absent: the embedded database. */
  readonly databaseUrl: string | undefined;
  readonly appendConnections: number;
  readonly readConnections: number;
  /** Seconds. */
  readonly readTimeout: number;
  readonly logKeyFile: string;
  /** What the log key is encrypted with; absent: it lies in the open. */
  readonly logKeySecret: LogKeySecret | undefined;
  /** Need not exist: only a rotation has a next key. */
  readonly nextLogKeyFile: string;
  readonly bootstrapApiKey: string | undefined;
  readonly bootstrapServices: readonly string[];
  /** Undefined in production unless it was chosen; open everywhere else. */
  readonly defaultVisibility: Visibility | undefined;
  readonly payloads: PayloadRule;
  /** Absolute file names; absent: no such witnesses. */
  readonly witnessPolicy: string | undefined;
  readonly witnesses: string | undefined;
  /** ms */
  readonly witnessInterval: number;
  readonly demo: boolean;
  readonly limits: NonNullable<AppParts['limits']>;
  /** Bytes. */
  readonly diskReserve: number;
  /** Entries a second; 0: none. */
  readonly scrubRate: number;
  /** Absent: no port of its own for `/metrics`. */
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
};

/** Flags as commander hands them over: by camel-case name; a switch is a boolean, `databaseUrlFile` names a file. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Each setting from its flag, else the environment, else a file ({@link readEnvironment}), else its default.
 *
 * @param folder what relative paths start from, and where `.env` is looked for
 * @throws {ConfigError}
 */
export function loadConfig(flags: Flags, environment: Environment, folder = process.cwd()): Config {
  const env = readEnvironment(typeof flags.config === 'string' ? flags.config : undefined, environment, folder);
  const read = <N extends OptionName>(name: N) => readOption(name, flags, env, folder);

  const production = env.NODE_ENV === 'production';
  const host = read('host') ?? '127.0.0.1';
  const port = read('port') ?? 6962;
  const dataDir = path.resolve(folder, read('dataDir') ?? 'data');
  const logKeyFile = read('logKeyFile');
  const nextLogKeyFile = read('nextLogKeyFile');
  const origin = read('origin');
  if (port === 0 && origin === undefined) {
    throw new ConfigError('Port 0 takes any free port, so the origin has no default: set ASSENT_ORIGIN or --origin.');
  }
  const processes = read('processes') ?? 1;
  const metricsPort = read('metricsPort');
  if (metricsPort !== undefined && metricsPort !== 0) refuseMetricsPort(metricsPort, { port, processes });
  return {
    production,
    host,
    port,
    processes,
    origin: origin ?? `localhost:${port}`,
    originChosen: origin !== undefined,
    dataDir,
    databaseUrl: read('databaseUrl'),
    appendConnections: read('appendConnections') ?? 4,
    readConnections: read('readConnections') ?? 8,
    readTimeout: read('readTimeout') ?? 5,
    logKeyFile: logKeyFile === undefined ? path.join(dataDir, 'log-key.pem') : path.resolve(folder, logKeyFile),
    logKeySecret: toLogKeySecret(read('logKeyPassphrase'), read('logKeyEncryptionKey')),
    nextLogKeyFile:
      nextLogKeyFile === undefined ? path.join(dataDir, 'next-log-key.pem') : path.resolve(folder, nextLogKeyFile),
    bootstrapApiKey: read('bootstrapApiKey'),
    bootstrapServices: read('bootstrapServices') ?? ['*'],
    defaultVisibility: read('defaultVisibility') ?? (production ? undefined : 'open'),
    payloads: read('payloads') ?? 'any',
    witnessPolicy: absolute(folder, read('witnessPolicy')),
    witnesses: absolute(folder, read('witnesses')),
    witnessInterval: read('witnessInterval') ?? 1_000,
    demo: read('demo') ?? (!production && isLoopback(host) && processes === 1),
    limits: {
      reads: rateOf(read('rateLimitReads')),
      failedAuthentications: rateOf(read('rateLimitFailedAuth')),
      eventStreams: read('eventStreams') ?? 16,
      trustedProxies: read('trustedProxies') ?? [],
    },
    diskReserve: (read('diskReserve') ?? 256) * 2 ** 20,
    scrubRate: read('scrubRate') ?? 500,
    metricsPort,
    metricsHost: read('metricsHost') ?? '127.0.0.1',
    logLevel: read('logLevel') ?? (production ? 'info' : 'warn'),
  };
}

/**
 * What is well-formed and must not be served all the same.
 * @throws {ConfigError}
 */
export function refuseUnsafe(config: Config): void {
  if (config.production && config.demo) {
    throw new ConfigError('The demo holds an API key for whoever opens its page: never turn it on in production.');
  }
  if (config.demo && !isLoopback(config.host)) {
    throw new ConfigError(
      `The demo holds an API key for whoever opens its page: use it with --host 127.0.0.1 only, not ${config.host}.`,
    );
  }
  if (config.demo && config.processes > 1) {
    throw new ConfigError(
      'The demo keeps what it has asked for in the memory of one process: use it without ASSENT_PROCESSES or --processes.',
    );
  }
  if (config.databaseUrl === undefined) refuseManyConnections(config);
  if (config.production && config.defaultVisibility === undefined) {
    throw new ConfigError(
      'NODE_ENV=production needs a choice of what becomes public by default, as it can never be taken back: set ASSENT_DEFAULT_VISIBILITY to open, revealed or sealed.',
    );
  }
  if (config.production && config.logKeySecret === undefined) {
    throw new ConfigError(
      'NODE_ENV=production needs a log key that is encrypted with a passphrase or a key: set ASSENT_LOG_KEY_PASSPHRASE_FILE or ASSENT_LOG_KEY_ENCRYPTION_KEY_FILE.',
    );
  }
  if (config.production && !config.originChosen) {
    throw new ConfigError(
      "NODE_ENV=production needs the log's name, as it is fixed for ever at the first start: set ASSENT_ORIGIN, for instance to log.example.com/approvals.",
    );
  }
}

/** What the embedded database has, without a few for the commands that an operator runs beside the servers. */
const EMBEDDED_CONNECTIONS = MAX_CONNECTIONS - 5;

function refuseManyConnections({ processes, appendConnections, readConnections }: Config): void {
  // Beside those, each server is seen to be there by a connection of its own.
  const all = processes * (appendConnections + readConnections + 1);
  if (all <= EMBEDDED_CONNECTIONS) return;
  const each = `${appendConnections} connections for appending, ${readConnections} for reading and one more`;
  const total = processes === 1 ? each : `${processes} processes with ${each} each`;
  throw new ConfigError(
    `${total} are ${all}, and the embedded database has ${EMBEDDED_CONNECTIONS} for them: lower --processes, ASSENT_APPEND_CONNECTIONS or ASSENT_READ_CONNECTIONS.`,
  );
}

/** Each process has a port for its metrics, from this one on. */
function refuseMetricsPort(first: number, { port, processes }: Pick<Config, 'port' | 'processes'>): void {
  const last = first + processes - 1;
  if (port >= first && port <= last) {
    const those = processes === 1 ? `is ${first}` : `with ${processes} processes takes ${first} to ${last}`;
    throw new ConfigError(`ASSENT_METRICS_PORT ${those}, where the log itself listens: give it another one.`);
  }
  if (last > 65_535) {
    throw new ConfigError(
      `ASSENT_METRICS_PORT is ${first}, from which on there are no ${processes} ports: give it a lower one.`,
    );
  }
}

function toLogKeySecret(passphrase: string | undefined, key: Uint8Array | undefined): LogKeySecret | undefined {
  if (passphrase !== undefined && key !== undefined) {
    throw new ConfigError(
      'Both ASSENT_LOG_KEY_PASSPHRASE and ASSENT_LOG_KEY_ENCRYPTION_KEY are set: the log key is encrypted with one of them, so unset the other.',
    );
  }
  if (key !== undefined) return { kind: 'key', key };
  return passphrase === undefined ? undefined : { kind: 'passphrase', passphrase };
}

function rateOf(value: Rate | 'off' | undefined): Rate | undefined {
  return value === 'off' ? undefined : value;
}

function absolute(folder: string, file: string | undefined): string | undefined {
  return file === undefined ? undefined : path.resolve(folder, file);
}

type OptionValue<N extends OptionName> = z.output<(typeof OPTIONS)[N]['schema']>;

function readOption<N extends OptionName>(
  name: N,
  flags: Flags,
  env: Environment,
  folder: string,
): OptionValue<N> | undefined {
  const found = findText(name, flags, env, folder);
  if (found === undefined) return undefined;
  const spec = OPTIONS[name];
  const result = spec.schema.safeParse(found.text);
  if (result.success) return result.data as OptionValue<N>;
  const what = result.error.issues[0]?.message ?? 'valid';
  const got = 'secret' in spec && spec.secret ? '' : `, not ${JSON.stringify(found.text.slice(0, 200))}`;
  throw new ConfigError(`${found.source} must be ${what}${got}.`);
}

type Found = { readonly text: string; readonly source: string };

function findText(name: OptionName, flags: Flags, env: Environment, folder: string): Found | undefined {
  const spec = OPTIONS[name];
  const flag = flags[name];
  if (flag !== undefined) return { text: String(flag), source: `--${flagName(name)}` };
  const isSecret = 'secret' in spec && spec.secret;
  if (isSecret) {
    const file = flags[`${name}File`];
    if (typeof file === 'string') return readSecret(path.resolve(folder, file), `--${flagName(name)}-file`);
  }
  const text = env[spec.env];
  const file = isSecret ? env[`${spec.env}_FILE`] : undefined;
  if (text !== undefined && file !== undefined) {
    throw new ConfigError(`Both ${spec.env} and ${spec.env}_FILE are set: unset one of them.`);
  }
  if (file !== undefined) return readSecret(path.resolve(folder, file), `${spec.env}_FILE`);
  return text === undefined ? undefined : { text, source: spec.env };
}

/** One line end at the end of the file is the editor's, not the secret's. */
function readSecret(file: string, source: string): Found {
  try {
    return { text: readFileSync(file, 'utf8').replace(/\r?\n$/, ''), source: `What ${source} (${file}) holds` };
  } catch (error) {
    throw new ConfigError(`${source}: ${file} cannot be read (${codeOf(error)}).`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
