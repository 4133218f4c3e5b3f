import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { type Config, type Flags, loadConfig, refuseUnsafe } from './load-config.ts';

const KEY = `assent_0123abcd_${'A'.repeat(43)}`;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'assent-config-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function load(flags: Flags = {}, env: Record<string, string> = {}): Config {
  return loadConfig(flags, env, folder);
}

describe('loadConfig', () => {
  it('has a default for everything', () => {
    expect(load()).toEqual({
      production: false,
      host: '127.0.0.1',
      port: 6962,
      processes: 1,
      origin: 'localhost:6962',
      originChosen: false,
      dataDir: path.join(folder, 'data'),
      databaseUrl: undefined,
      appendConnections: 4,
      readConnections: 8,
      readTimeout: 5,
      logKeyFile: path.join(folder, 'data', 'log-key.pem'),
      logKeySecret: undefined,
      nextLogKeyFile: path.join(folder, 'data', 'next-log-key.pem'),
      bootstrapApiKey: undefined,
      bootstrapServices: ['*'],
      defaultVisibility: 'open',
      payloads: 'any',
      witnessPolicy: undefined,
      witnesses: undefined,
      witnessInterval: 1_000,
      diskReserve: 256 * 2 ** 20,
      scrubRate: 500,
      demo: true,
      limits: { reads: undefined, failedAuthentications: undefined, eventStreams: 16, trustedProxies: [] },
      metricsPort: undefined,
      metricsHost: '127.0.0.1',
      logLevel: 'warn',
    });
  });

  it('has other defaults in production', () => {
    expect(load({}, { NODE_ENV: 'production' })).toMatchObject({
      production: true,
      demo: false,
      defaultVisibility: undefined,
      logLevel: 'info',
    });
  });

  it('takes the flag before the environment before .env before the default', () => {
    writeFileSync(path.join(folder, '.env'), 'ASSENT_PORT=1\nASSENT_HOST=a\nASSENT_ORIGIN=file\nASSENT_DEMO=off\n');
    const env = { ASSENT_PORT: '2', ASSENT_HOST: 'b' };
    expect(load({ port: '3' }, env)).toMatchObject({
      port: 3,
      host: 'b',
      origin: 'file',
      demo: false,
      logLevel: 'warn',
    });
    expect(load({ demo: true }, env).demo).toBe(true);
    expect(load({ demo: false }, { ASSENT_DEMO: 'on' }).demo).toBe(false);
  });

  it('reads the file that is named, by flag or variable, instead of .env', () => {
    writeFileSync(path.join(folder, '.env'), 'ASSENT_PORT=1\nASSENT_HOST=a\n');
    writeFileSync(path.join(folder, 'log.env'), '# a comment\nNODE_ENV=production\nASSENT_PORT="2"\n');
    writeFileSync(path.join(folder, 'other.env'), 'ASSENT_PORT=3\n');
    expect(load({ config: 'log.env' })).toMatchObject({ production: true, port: 2, host: '127.0.0.1' });
    expect(load({}, { ASSENT_CONFIG: 'log.env' }).port).toBe(2);
    expect(load({ config: 'other.env' }, { ASSENT_CONFIG: 'log.env' }).port).toBe(3);
    expect(load({ config: 'log.env' }, { ASSENT_PORT: '4' }).port).toBe(4);
    expect(load({ config: 'log.env', port: '5' }, { ASSENT_PORT: '4' }).port).toBe(5);
    expect(() => load({ config: 'nowhere.env' })).toThrow(/nowhere\.env cannot be read \(ENOENT\)/);
  });

  it('refuses a name that is no setting, and knows what was meant', () => {
    expect(() => load({}, { ASSENT_TRUSTED_PROXYS: 'loopback' })).toThrow(
      'There is no setting ASSENT_TRUSTED_PROXYS, but the environment sets it. Did you mean ASSENT_TRUSTED_PROXIES?',
    );
    expect(() => load({}, { ASSENT_PORT_FILE: 'x' })).toThrow(ConfigError);
    expect(() => load({}, { ASSENT_SOMETHING_ELSE_ALTOGETHER: 'x' })).toThrow(/sets it\. See/);
    writeFileSync(path.join(folder, '.env'), 'ASSENT_PROT=1\n');
    expect(() => load()).toThrow(/ASSENT_PROT, but .*\.env sets it\. Did you mean ASSENT_PORT\?/);
    writeFileSync(path.join(folder, '.env'), 'EDITOR=vi\nPORT=1\n');
    expect(load().port).toBe(6962);
    writeFileSync(path.join(folder, 'log.env'), 'PORT=1\n');
    expect(() => load({ config: 'log.env' })).toThrow('There is no setting PORT');
  });

  it('lets the names pass that other programs know', () => {
    const env = {
      ASSENT_API_KEY: 'x',
      ASSENT_TEST_BROWSER: 'x',
      ASSENT_SERVICE_HOST: 'x',
      ASSENT_SERVICE_PORT_HTTP: '1',
    };
    expect(load({}, { ...env, ASSENT_PORT_6962_TCP: 'x', ASSENT_PORT_6962_TCP_ADDR: 'x' }).port).toBe(6962);
  });

  it('takes an empty variable for an absent one', () => {
    writeFileSync(path.join(folder, '.env'), 'ASSENT_PORT=1\nASSENT_HOST=\n');
    expect(load({}, { ASSENT_PORT: '', ASSENT_ORIGIN: '' })).toMatchObject({
      port: 1,
      host: '127.0.0.1',
      origin: 'localhost:1',
    });
  });

  it('resolves paths from the folder it is given', () => {
    const config = load({ dataDir: 'elsewhere' }, { ASSENT_LOG_KEY_FILE: '/keys/log.pem' });
    expect(config).toMatchObject({ dataDir: path.join(folder, 'elsewhere'), logKeyFile: '/keys/log.pem' });
  });

  it('reads secrets from files, without the line end of the last line', () => {
    writeFileSync(path.join(folder, 'key'), `${KEY}\n`);
    expect(load({}, { ASSENT_BOOTSTRAP_API_KEY_FILE: 'key' }).bootstrapApiKey).toBe(KEY);
    expect(load({ bootstrapApiKeyFile: 'key' }, { ASSENT_BOOTSTRAP_API_KEY: 'x' }).bootstrapApiKey).toBe(KEY);
  });

  it('takes a passphrase, or a key of 32 bytes as hex or base64, from the environment or a file', () => {
    const key = new Uint8Array(32).fill(0xab);
    const passphrase = { kind: 'passphrase', passphrase: 'correct horse battery' };
    writeFileSync(path.join(folder, 'secret'), 'correct horse battery\n');
    expect(load({}, { ASSENT_LOG_KEY_PASSPHRASE: 'correct horse battery' }).logKeySecret).toEqual(passphrase);
    expect(load({}, { ASSENT_LOG_KEY_PASSPHRASE_FILE: 'secret' }).logKeySecret).toEqual(passphrase);
    expect(load({ logKeyPassphraseFile: 'secret' }).logKeySecret).toEqual(passphrase);
    for (const encoding of ['hex', 'base64'] as const) {
      const text = Buffer.from(key).toString(encoding);
      expect(load({}, { ASSENT_LOG_KEY_ENCRYPTION_KEY: text }).logKeySecret).toEqual({ kind: 'key', key });
    }
  });

  it('reads rates, with a burst or ten seconds of it, and proxies', () => {
    const { limits } = load(
      { rateLimitReads: '50' },
      {
        ASSENT_RATE_LIMIT_FAILED_AUTH: '2/30',
        ASSENT_EVENT_STREAMS: '4',
        ASSENT_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8',
      },
    );
    expect(limits).toEqual({
      reads: { perSecond: 50, burst: 500 },
      failedAuthentications: { perSecond: 2, burst: 30 },
      eventStreams: 4,
      trustedProxies: ['loopback', '10.0.0.0/8'],
    });
    expect(load({ rateLimitReads: 'off' }, { ASSENT_RATE_LIMIT_READS: '50' }).limits.reads).toBeUndefined();
  });

  it('turns the demo on by default on loopback only', () => {
    expect(load({ host: '0.0.0.0' }).demo).toBe(false);
    expect(load({ host: 'localhost' }).demo).toBe(true);
    expect(load({ host: '127.1.2.3' }).demo).toBe(true);
    expect(load({ host: '127.0.0.1.example.com' }).demo).toBe(false);
  });

  it.each<[string, Flags, Record<string, string>, string]>([
    ['a port that is no number', { port: 'x' }, {}, '--port must be a whole number from 0 to 65535, not "x".'],
    ['a port beyond 65535', {}, { ASSENT_PORT: '65536' }, 'ASSENT_PORT must be a whole number'],
    ['a port with a leading zero', {}, { ASSENT_PORT: '080' }, 'ASSENT_PORT must be a whole number'],
    ['a free port without an origin', { port: '0' }, {}, '--origin'],
    ['a host with a space', { host: 'a b' }, {}, '--host must be'],
    ['an empty origin', { origin: '' }, {}, '--origin must be'],
    ['an origin with a space', { origin: 'my log' }, {}, '--origin must be'],
    ['an origin with a plus sign', {}, { ASSENT_ORIGIN: 'log+1' }, 'ASSENT_ORIGIN must be'],
    ['an origin of 129 characters', { origin: 'a'.repeat(129) }, {}, '--origin must be'],
    ['an origin with a line end', { origin: 'log\nfoo' }, {}, '--origin must be'],
    ['an empty data directory', { dataDir: '' }, {}, '--data-dir must be a folder'],
    ['a database of another kind', {}, { DATABASE_URL: 'mysql://localhost/x' }, 'DATABASE_URL must be an address'],
    ['a database that is no address', {}, { DATABASE_URL: 'localhost' }, 'DATABASE_URL must be an address'],
    ['too few connections', {}, { ASSENT_APPEND_CONNECTIONS: '2' }, 'ASSENT_APPEND_CONNECTIONS must be'],
    ['a malformed API key', {}, { ASSENT_BOOTSTRAP_API_KEY: 'secret' }, 'ASSENT_BOOTSTRAP_API_KEY must be'],
    ['a service with a slash', { bootstrapServices: 'a,b/c' }, {}, '--bootstrap-services must be'],
    ['an unknown switch value', {}, { ASSENT_DEMO: 'maybe' }, 'ASSENT_DEMO must be on or off'],
    ['a rate of zero', {}, { ASSENT_RATE_LIMIT_READS: '0' }, 'ASSENT_RATE_LIMIT_READS must be off, or'],
    ['a burst of words', { rateLimitFailedAuth: '5/many' }, {}, '--rate-limit-failed-auth must be off, or'],
    ['a proxy by name', {}, { ASSENT_TRUSTED_PROXIES: 'caddy' }, 'ASSENT_TRUSTED_PROXIES must be addresses'],
    ['an unknown visibility', {}, { ASSENT_DEFAULT_VISIBILITY: 'hidden' }, 'one of open, revealed, sealed'],
    ['an unknown log level', { logLevel: 'loud' }, {}, '--log-level must be one of'],
    ['a secret file that is absent', {}, { DATABASE_URL_FILE: 'nowhere' }, 'cannot be read (ENOENT)'],
    [
      'a secret given twice',
      {},
      { DATABASE_URL: 'postgres://a/b', DATABASE_URL_FILE: 'x' },
      'Both DATABASE_URL and DATABASE_URL_FILE are set',
    ],
    ['a short passphrase', {}, { ASSENT_LOG_KEY_PASSPHRASE: 'x' }, 'must be a passphrase of 12 to'],
    ['an encryption key of 31 bytes', {}, { ASSENT_LOG_KEY_ENCRYPTION_KEY: 'ab'.repeat(31) }, 'must be 32 bytes'],
    [
      'both a passphrase and an encryption key',
      {},
      { ASSENT_LOG_KEY_PASSPHRASE: 'correct horse', ASSENT_LOG_KEY_ENCRYPTION_KEY: 'ab'.repeat(32) },
      'unset the other',
    ],
  ])('refuses %s', (_, flags, env, message) => {
    expect(() => load(flags, env)).toThrow(ConfigError);
    expect(() => load(flags, env)).toThrow(message);
  });

  it('never repeats a secret in an error', () => {
    const secret = 'hunter2-hunter2';
    for (const env of [
      { DATABASE_URL: secret },
      { ASSENT_BOOTSTRAP_API_KEY: secret },
      { ASSENT_LOG_KEY_ENCRYPTION_KEY: secret },
      { ASSENT_LOG_KEY_PASSPHRASE: `${secret}\0` },
    ]) {
      let message = '';
      try {
        load({}, env);
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain('must be');
      expect(message).not.toContain(secret);
    }
  });
});

describe('a settings file', () => {
  it.each([
    ['no equals sign', 'FOO BAR', 1],
    ['a colon in its place', '# ours\nASSENT_PORT: 17972', 2],
    ['a line without a name', 'ASSENT_HOST=::1\n\n=x', 3],
    ['something after a value of several lines', 'ASSENT_HOST="a\nb"\nnonsense', 3],
  ])('with %s is refused, with the line', (_, text, line) => {
    writeFileSync(path.join(folder, 'settings'), `${text}\n`);
    expect(() => load({ config: path.join(folder, 'settings') })).toThrow(`Line ${line} of`);
  });

  it('may hold comments, empty lines, export and quotation marks', () => {
    writeFileSync(
      path.join(folder, 'settings'),
      '# ours\n\nexport ASSENT_PORT=17972\n  ASSENT_ORIGIN="log.example.com/x" # its name\n',
    );
    expect(load({ config: path.join(folder, 'settings') })).toMatchObject({ port: 17972, origin: 'log.example.com/x' });
  });

  it('has no demo by default with several processes, as it lives in the memory of one', () => {
    expect(load({ processes: '2' })).toMatchObject({ processes: 2, demo: false });
    expect(() => load({ processes: '0' })).toThrow('--processes must be a whole number from 1 to 64');
  });

  it('gives each process a port for its metrics, none of which is the port of the log', () => {
    const metricsPorts = (first: string) => () => load({ port: '9000', processes: '4', metricsPort: first });
    expect(metricsPorts('9001')().metricsPort).toBe(9001);
    expect(metricsPorts('8996')().metricsPort).toBe(8996);
    expect(metricsPorts('8997')).toThrow(
      'ASSENT_METRICS_PORT with 4 processes takes 8997 to 9000, where the log itself listens',
    );
    expect(metricsPorts('65533')).toThrow('ASSENT_METRICS_PORT is 65533, from which on there are no 4 ports');
    expect(metricsPorts('65532')().metricsPort).toBe(65_532);
  });

  it('does not put the metrics on the port of the log', () => {
    expect(() => load({}, { ASSENT_PORT: '7000', ASSENT_METRICS_PORT: '7000' })).toThrow('ASSENT_METRICS_PORT');
  });
});

describe('refuseUnsafe', () => {
  it('lets a trial on loopback pass', () => {
    expect(() => refuseUnsafe(load())).not.toThrow();
    expect(() => refuseUnsafe(load({ host: '0.0.0.0' }))).not.toThrow();
  });

  it('lets as many processes pass as the embedded database has connections for, and any number elsewhere', () => {
    expect(() => refuseUnsafe(load({ processes: '7' }))).not.toThrow();
    expect(() => refuseUnsafe(load({ processes: '64' }, { DATABASE_URL: 'postgres://db.test/log' }))).not.toThrow();
  });

  it('lets production with something to encrypt the log key pass', () => {
    const env = {
      NODE_ENV: 'production',
      ASSENT_LOG_KEY_PASSPHRASE: 'correct horse battery',
      ASSENT_DEFAULT_VISIBILITY: 'sealed',
    };
    expect(() => refuseUnsafe(load({}, env))).toThrow('ASSENT_ORIGIN');
    expect(() => refuseUnsafe(load({ origin: 'log.example.com/approvals' }, env))).not.toThrow();
  });

  it.each<[string, Flags, Record<string, string>, string]>([
    ['the demo in production', { demo: true }, { NODE_ENV: 'production' }, 'never turn it on in production'],
    ['the demo in several processes', { demo: true, processes: '2' }, {}, 'the memory of one process'],
    ['more connections than there are', { processes: '8' }, {}, '8 processes with 4 connections for appending, 8 for'],
    ['them by one process', {}, { ASSENT_APPEND_CONNECTIONS: '50', ASSENT_READ_CONNECTIONS: '60' }, 'are 111, and'],
    ['the demo beyond loopback', { demo: true, host: '0.0.0.0' }, {}, '--host 127.0.0.1 only'],
    [
      'production without an encrypted key',
      { defaultVisibility: 'open' },
      { NODE_ENV: 'production' },
      'encrypted with a passphrase',
    ],
    ['production without a default visibility', {}, { NODE_ENV: 'production' }, 'ASSENT_DEFAULT_VISIBILITY'],
  ])('refuses %s', (_, flags, env, message) => {
    expect(() => refuseUnsafe(load(flags, env))).toThrow(ConfigError);
    expect(() => refuseUnsafe(load(flags, env))).toThrow(message);
  });
});
