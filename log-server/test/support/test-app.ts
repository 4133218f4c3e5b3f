import { createApproval, createAuthenticator, type TestApproval } from '@assent/test-support';
import { createApiKeyText, parseApiKeyText } from '../../src/api-key-text.ts';
import { ApiKeys } from '../../src/api-keys.ts';
import type { Database } from '../../src/database/connect.ts';
import { createApp } from '../../src/http/app.ts';
import type { Log } from '../../src/log.ts';
import type { Metrics } from '../../src/metrics.ts';
import type { OpenLog } from '../../src/open-parts.ts';
import { insertApiKey, type NewApiKey } from '../../src/store/api-keys.ts';
import { createLogHome, ORIGIN, silent, type TestLogHome, type TestLogOptions } from './test-log.ts';

export const SERVICE = 'approvals.example.com';

export type TestApp = {
  readonly app: ReturnType<typeof createApp>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly home: TestLogHome;
  readonly parts: OpenLog & { readonly database: Database };
  /** May append for {@link SERVICE} alone, and consume for every boundary. */
  readonly key: string;
  /** May append for another service alone. */
  readonly strangersKey: string;
  /** `POST /api/v1/entries` with `key`, unless the headers say otherwise. */
  post(body: unknown, headers?: Record<string, string>, query?: string): Promise<Response>;
  /** `POST /api/v1/entries/batch` in the same way. */
  postBatch(body: unknown, headers?: Record<string, string>, query?: string): Promise<Response>;
  /** `POST /api/v1/consumptions` in the same way. */
  consume(body: unknown, headers?: Record<string, string>, query?: string): Promise<Response>;
  /** A key that may append for {@link SERVICE}, and has these terms beside. */
  addKey(terms?: Partial<NewApiKey>): Promise<string>;
  size(): Promise<number>;
  remove(): Promise<void>;
};

export type TestAppOptions = TestLogOptions & {
  /** The clock of API keys and their limits, in ms. */
  readonly keyClock?: () => number;
};

/** The whole HTTP interface of a log on a database of its own, without a socket. */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { keyClock, ...logOptions } = options;
  const { defaultVisibility } = options;
  const home = await createLogHome();
  const parts = await home.open(logOptions);
  const { log, metrics, database } = parts;
  const addKey = async (terms: Partial<NewApiKey> = {}): Promise<string> => {
    const text = createApiKeyText();
    const made = parseApiKeyText(text)!;
    await insertApiKey(database, { ...made, name: 'test', services: [SERVICE], createdAt: Date.now(), ...terms });
    return text;
  };
  const key = await addKey({ boundaries: ['*'] });
  const strangersKey = await addKey({ services: ['other.example.com'] });
  const apiKeys = new ApiKeys(database, {
    ...(defaultVisibility && { defaultVisibility }),
    ...(keyClock && { now: keyClock }),
  });
  const app = createApp({ log, apiKeys, health: {}, logger: silent, metrics });
  const postTo =
    (path: string): TestApp['post'] =>
    async (body, headers = {}, query = '') =>
      app.request(`${path}${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body:
          typeof body === 'string' ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
      });
  return {
    app,
    log,
    metrics,
    database,
    home,
    parts,
    key,
    strangersKey,
    addKey,
    post: postTo('/api/v1/entries'),
    postBatch: postTo('/api/v1/entries/batch'),
    consume: postTo('/api/v1/consumptions'),
    size: async () => (await log.head()).size,
    remove: () => home.remove(),
  };
}

/** A fresh approval by a fresh passkey, for the test log. */
export function approve(overrides = {}): TestApproval {
  return createApproval({ origin: ORIGIN, authenticator: createAuthenticator(), overrides });
}
