import type { z } from 'zod';
import * as values from './values.ts';

/** One setting: where it is read from, how, and what `--help` says of it. */
export type OptionSpec<T> = {
  readonly env: string;
  /** What follows the flag in the help; undefined for an on/off switch. */
  readonly argument: string | undefined;
  readonly help: string;
  /** Said in the help; the value itself is worked out in `load-config.ts`. */
  readonly defaultText: string;
  readonly schema: z.ZodType<T, string>;
  /**
   * Never shown, and not taken from a flag, which every user of the machine could read in the list of processes.
   * Instead of the variable, `<env>_FILE` or the flag with `-file` may name a file that holds it.
   */
  readonly secret?: true;
  /** Which commands have it: `serve` alone, or with it those that use the log key; absent: all. */
  readonly only?: 'serve' | 'signing';
};

function option<T>(spec: OptionSpec<T>): OptionSpec<T> {
  return spec;
}

/** Every setting there is. The flag is the name in kebab case. */
export const OPTIONS = {
  config: option({
    env: 'ASSENT_CONFIG',
    argument: 'file',
    help: 'file of settings, a line NAME=value for each; the environment wins over it',
    defaultText: '.env in the current folder, if it is there',
    schema: values.fileName,
  }),
  host: option({
    env: 'ASSENT_HOST',
    argument: 'host',
    help: 'address to listen on',
    defaultText: '127.0.0.1',
    schema: values.hostName,
    only: 'serve',
  }),
  port: option({
    env: 'ASSENT_PORT',
    argument: 'number',
    help: 'port to listen on; 0 takes a free one',
    defaultText: '6962',
    schema: values.portNumber,
    only: 'serve',
  }),
  processes: option({
    env: 'ASSENT_PROCESSES',
    argument: 'number',
    help: 'server processes that share the port: more of them answer more reads; appends are fastest with one',
    defaultText: '1',
    schema: values.wholeNumber(1, 64),
    only: 'serve',
  }),
  origin: option({
    env: 'ASSENT_ORIGIN',
    argument: 'name',
    help: "the log's name in checkpoints and statements; fixed at first start",
    defaultText: 'localhost:<port>',
    schema: values.originName,
    only: 'signing',
  }),
  dataDir: option({
    env: 'ASSENT_DATA_DIR',
    argument: 'folder',
    help: 'embedded database, log key and fork guard',
    defaultText: './data',
    schema: values.folderName,
  }),
  databaseUrl: option({
    env: 'DATABASE_URL',
    argument: 'url',
    help: 'the address of PostgreSQL 14 or newer, without a pooler in between',
    defaultText: 'the embedded one',
    schema: values.databaseUrl,
    secret: true,
  }),
  appendConnections: option({
    env: 'ASSENT_APPEND_CONNECTIONS',
    argument: 'number',
    help: 'most connections to the database for appending and signing; two of them are kept',
    defaultText: '4',
    schema: values.wholeNumber(3, 90),
    only: 'serve',
  }),
  readConnections: option({
    env: 'ASSENT_READ_CONNECTIONS',
    argument: 'number',
    help: 'most connections to the database for reading',
    defaultText: '8',
    schema: values.wholeNumber(1, 90),
    only: 'serve',
  }),
  readTimeout: option({
    env: 'ASSENT_READ_TIMEOUT',
    argument: 'seconds',
    help: 'how long a read may keep the database busy before it is refused',
    defaultText: '5',
    schema: values.wholeNumber(1, 60),
    only: 'serve',
  }),
  logKeyFile: option({
    env: 'ASSENT_LOG_KEY_FILE',
    argument: 'file',
    help: "the log's private key (encrypted, or PKCS#8 PEM; mode 0600); made if absent",
    defaultText: '<data-dir>/log-key.pem',
    schema: values.fileName,
    only: 'signing',
  }),
  logKeyPassphrase: option({
    env: 'ASSENT_LOG_KEY_PASSPHRASE',
    argument: 'passphrase',
    help: 'the passphrase that the log key is encrypted with',
    defaultText: 'none; production needs this or an encryption key',
    schema: values.passphrase,
    secret: true,
    only: 'signing',
  }),
  logKeyEncryptionKey: option({
    env: 'ASSENT_LOG_KEY_ENCRYPTION_KEY',
    argument: 'key',
    help: 'instead of a passphrase: the 32-byte key that the log key is encrypted with, as hex or base64',
    defaultText: 'none',
    schema: values.encryptionKey,
    secret: true,
    only: 'signing',
  }),
  nextLogKeyFile: option({
    env: 'ASSENT_NEXT_LOG_KEY_FILE',
    argument: 'file',
    help: "during a rotation: the next log key's file, encrypted like the first",
    defaultText: '<data-dir>/next-log-key.pem, if it is there',
    schema: values.fileName,
    only: 'signing',
  }),
  bootstrapApiKey: option({
    env: 'ASSENT_BOOTSTRAP_API_KEY',
    argument: 'key',
    help: 'the first API key of a new log',
    defaultText: 'made, printed once, and kept in <data-dir>/first-api-key',
    schema: values.apiKeyText,
    secret: true,
    only: 'serve',
  }),
  bootstrapServices: option({
    env: 'ASSENT_BOOTSTRAP_SERVICES',
    argument: 'names',
    help: 'services whose statements the first API key may append',
    defaultText: '*',
    schema: values.serviceList,
    only: 'serve',
  }),
  defaultVisibility: option({
    env: 'ASSENT_DEFAULT_VISIBILITY',
    argument: 'visibility',
    help: 'open, revealed or sealed: what becomes public of an entry when neither its submission nor its API key says',
    defaultText: 'open; in production you have to choose',
    schema: values.visibility,
    only: 'serve',
  }),
  payloads: option({
    env: 'ASSENT_PAYLOADS',
    argument: 'rule',
    help: 'any, known or own: take signed evidence of every other system, of those with a profile, or of none',
    defaultText: 'any',
    schema: values.payloadRule,
    only: 'serve',
  }),
  witnessPolicy: option({
    env: 'ASSENT_WITNESS_POLICY',
    argument: 'file',
    help: 'which witnesses are asked to cosign, and how many have to: a C2SP tlog-policy file with URLs',
    defaultText: 'none are asked',
    schema: values.fileName,
    only: 'signing',
  }),
  witnesses: option({
    env: 'ASSENT_WITNESSES',
    argument: 'file',
    help: 'more witnesses, outside the quorum: lines "witness <name> <vkey> <url>"',
    defaultText: 'none',
    schema: values.fileName,
    only: 'signing',
  }),
  witnessInterval: option({
    env: 'ASSENT_WITNESS_INTERVAL',
    argument: 'ms',
    help: 'least time between two heads that witnesses are asked to cosign',
    defaultText: '1000',
    schema: values.wholeNumber(0, 60_000),
    only: 'signing',
  }),
  demo: option({
    env: 'ASSENT_DEMO',
    argument: undefined,
    help: 'the demo with its own approval service; on loopback only, never in production',
    defaultText: 'on, where that is allowed',
    schema: values.yesOrNo,
    only: 'serve',
  }),
  rateLimitReads: option({
    env: 'ASSENT_RATE_LIMIT_READS',
    argument: 'rate',
    help: 'reads that one address may make: 50 a second, or 50/1000 with a burst of 1000',
    defaultText: 'off',
    schema: values.rate,
    only: 'serve',
  }),
  rateLimitFailedAuth: option({
    env: 'ASSENT_RATE_LIMIT_FAILED_AUTH',
    argument: 'rate',
    help: 'requests with a wrong API key that one address may make',
    defaultText: 'off',
    schema: values.rate,
    only: 'serve',
  }),
  eventStreams: option({
    env: 'ASSENT_EVENT_STREAMS',
    argument: 'number',
    help: 'streams of events (/api/v1/events) that one address may have open; 256 may be open in all',
    defaultText: '16',
    schema: values.wholeNumber(1, 256),
    only: 'serve',
  }),
  trustedProxies: option({
    env: 'ASSENT_TRUSTED_PROXIES',
    argument: 'addresses',
    help: 'proxies whose X-Forwarded-For is believed: loopback, addresses, CIDR blocks',
    defaultText: 'none',
    schema: values.proxyList,
    only: 'serve',
  }),
  diskReserve: option({
    env: 'ASSENT_DISK_RESERVE',
    argument: 'MB',
    help: "space on the data directory's disk below which appends are refused; a quarter of it goes to the embedded database's ballast",
    defaultText: '256',
    schema: values.wholeNumber(64, 1_000_000),
    only: 'serve',
  }),
  scrubRate: option({
    env: 'ASSENT_SCRUB_RATE',
    argument: 'number',
    help: 'stored entries that are re-hashed each second to find damage; 0: none',
    defaultText: '500',
    schema: values.wholeNumber(0, 100_000),
    only: 'serve',
  }),
  metricsPort: option({
    env: 'ASSENT_METRICS_PORT',
    argument: 'number',
    help: 'port of its own for /metrics; 0 takes a free one',
    defaultText: 'on the main port, for callers on this machine; in production not at all',
    schema: values.portNumber,
    only: 'serve',
  }),
  metricsHost: option({
    env: 'ASSENT_METRICS_HOST',
    argument: 'host',
    help: 'address of the port for /metrics; whoever reaches it can read them',
    defaultText: '127.0.0.1',
    schema: values.hostName,
    only: 'serve',
  }),
  logLevel: option({
    env: 'ASSENT_LOG_LEVEL',
    argument: 'level',
    help: 'fatal, error, warn, info, debug, trace or silent',
    defaultText: 'warn; info in production',
    schema: values.logLevel,
  }),
} as const;

export type OptionName = keyof typeof OPTIONS;

/** `databaseUrl` → `database-url`. */
export function flagName(name: OptionName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
