import { createApproval, createAuthenticator, type TestApproval } from '@assent/test-support';
import type { Visibility } from '../../src/admission/append-rights.ts';
import { createApiKeyText, parseApiKeyText } from '../../src/api-key-text.ts';
import { ApiKeys } from '../../src/api-keys.ts';
import type { Database } from '../../src/database/connect.ts';
import { createApp } from '../../src/http/app.ts';
import type { Log } from '../../src/log.ts';
import type { Metrics } from '../../src/metrics.ts';
import type { OpenLog } from '../../src/open-parts.ts';
import { insertApiKey, type NewApiKey } from '../../src/store/api-keys.ts';
import { createLogHome, ORIGIN, silent, type TestLogHome } from './test-log.ts';

export const SERVICE = 'approvals.example.com';

export type TestApp = {
  readonly app: ReturnType<typeof createApp>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly home: TestLogHome;
  readonly parts: OpenLog & { readonly database: Database };
  /** May append for {@link SERVICE} alone. */
  readonly key: string;
  /** May append for another service alone. */
  readonly strangersKey: string;
  /** `POST /api/v1/entries` with `key`, unless the headers say otherwise. */
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** A key that may append for {@link SERVICE}, and has these terms beside. */
  addKey(terms?: Partial<NewApiKey>): Promise<string>;
  size(): Promise<number>;
  remove(): Promise<void>;
};

/** The whole HTTP interface of a log on a database of its own, without a socket. */
export async function createTestApp(options: { readonly defaultVisibility?: Visibility } = {}): Promise<TestApp> {
  const home = await createLogHome();
  const parts = await home.open(options);
  const { log, metrics, database } = parts;
  const addKey = async (terms: Partial<NewApiKey> = {}): Promise<string> => {
    const text = createApiKeyText();
    const made = parseApiKeyText(text)!;
    await insertApiKey(database, { ...made, name: 'test', services: [SERVICE], createdAt: Date.now(), ...terms });
    return text;
  };
  const key = await addKey();
  const strangersKey = await addKey({ services: ['other.example.com'] });
  const app = createApp({ log, apiKeys: new ApiKeys(database, options), health: {}, logger: silent, metrics });
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
    post: async (body, headers = {}) =>
      app.request('/api/v1/entries', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body:
          typeof body === 'string' ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
      }),
    size: async () => (await log.head()).size,
    remove: () => home.remove(),
  };
}

/** A fresh approval by a fresh passkey, for the test log. */
export function approve(overrides = {}): TestApproval {
  return createApproval({ origin: ORIGIN, authenticator: createAuthenticator(), overrides });
}
