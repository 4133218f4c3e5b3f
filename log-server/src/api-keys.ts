import { timingSafeEqual } from 'node:crypto';
import type { AppendRights, Visibility } from './admission/append-rights.ts';
import { type ApiKeyText, parseApiKeyText } from './api-key-text.ts';
import type { Database } from './database/connect.ts';
import { Problem } from './problems.ts';
import { type Rate, RateLimits } from './rate-limits.ts';
import { findApiKey, type StoredApiKey } from './store/api-keys.ts';

/** An API key that was recognized. */
export type ApiKey = {
  /** 8 hexadecimal digits, as in `assent-log keys list`. */
  readonly id: string;
  readonly name: string;
  readonly rights: AppendRights;
  /** null: as fast as the log can. */
  readonly rate: Rate | null;
};

/** How long a look-up is believed, so how long a revoked key may go on working. */
export const API_KEY_CACHE_MS = 2_000;
/** Ids are the caller's choice: without a bound a stranger could fill the memory. */
const MOST_CACHED = 2_000;

type Known = { readonly stored: StoredApiKey; readonly key: ApiKey };
type Lookup = { readonly until: number; readonly known: Promise<Known | undefined>; settled?: Known };

/** Tells who is calling, and whether too often. Look-ups are cached for {@link API_KEY_CACHE_MS}, found and unknown ids apart. */
export class ApiKeys {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #defaultVisibility: Visibility;
  readonly #known = new Map<string, Lookup>();
  readonly #unknown = new Map<string, Lookup>();
  readonly #limits: RateLimits;

  /**
   * @param options.now a clock in milliseconds that never goes back
   * @param options.defaultVisibility of the log, for keys that have none of their own
   */
  constructor(
    database: Database,
    options: { readonly now?: () => number; readonly defaultVisibility?: Visibility } = {},
  ) {
    this.#database = database;
    this.#now = options.now ?? (() => performance.now());
    this.#defaultVisibility = options.defaultVisibility ?? 'open';
    this.#limits = new RateLimits(this.#now);
  }

  /**
   * @param authorizationHeader as it came: `Bearer assent_…`
   * @throws {Problem} `unauthenticated`; `not_durable` if the database can't be asked
   */
  async authenticate(authorizationHeader: string | undefined): Promise<ApiKey> {
    if (authorizationHeader === undefined) {
      throw new Problem('unauthenticated', 'Send an API key in the header "Authorization: Bearer assent_…".');
    }
    const presented = parseAuthorization(authorizationHeader);
    if (presented === undefined) {
      throw new Problem('unauthenticated', 'The Authorization header does not hold an API key: "Bearer assent_…".');
    }
    const known = await this.#find(presented.id);
    // One answer for an unknown id and a wrong secret: ids are not to be collected here.
    if (!isOf(known, presented)) throw new Problem('unauthenticated', 'This API key is not known.');
    if (known.stored.revokedAt !== null) throw new Problem('unauthenticated', 'This API key was revoked.');
    return known.key;
  }

  /**
   * The same without waiting, for a good key whose look-up is still believed. Undefined for any other: {@link authenticate}
   * tells.
   */
  recognized(authorizationHeader: string | undefined): ApiKey | undefined {
    const presented = authorizationHeader === undefined ? undefined : parseAuthorization(authorizationHeader);
    const lookup = presented && this.#known.get(presented.id);
    if (presented === undefined || lookup === undefined || lookup.until <= this.#now()) return undefined;
    const known = lookup.settled;
    return isOf(known, presented) && known.stored.revokedAt === null ? known.key : undefined;
  }

  /**
   * Counts records against the key's rate, which holds for this process.
   *
   * @throws {Problem} `rate_limited`; `too_large` for more than the key may ever append at once
   */
  charge(key: ApiKey, records: number): void {
    if (key.rate !== null) refuse(key.rate, records, this.#limits.take(key.id, records, key.rate));
  }

  /** The same, but counts nothing: before a body is read that may hold many records. */
  refuseIfExhausted(key: ApiKey): void {
    if (key.rate !== null) refuse(key.rate, 1, this.#limits.wait(key.id, 1, key.rate));
  }

  #find(id: string): Promise<Known | undefined> {
    const now = this.#now();
    for (const map of [this.#known, this.#unknown]) {
      const cached = map.get(id);
      if (cached !== undefined && cached.until > now) return cached.known;
    }
    // The time counts from before the question, so that an answer is never believed for longer.
    const lookup: Lookup = { until: now + API_KEY_CACHE_MS, known: this.#ask(id) };
    this.#known.delete(id);
    remember(this.#unknown, id, lookup);
    const settle = (known: Known | undefined, failed: boolean): void => {
      if (this.#unknown.get(id) !== lookup || (known === undefined && !failed)) return;
      this.#unknown.delete(id);
      if (known === undefined) return;
      lookup.settled = known;
      remember(this.#known, id, lookup);
    };
    lookup.known.then(
      (known) => settle(known, false),
      () => settle(undefined, true),
    );
    return lookup.known;
  }

  async #ask(id: string): Promise<Known | undefined> {
    try {
      const stored = await findApiKey(this.#database, id);
      return stored && { stored, key: toApiKey(stored, this.#defaultVisibility) };
    } catch (cause) {
      throw new Problem('not_durable', 'The log cannot reach its database now.', { retryAfter: 1, cause });
    }
  }
}

function parseAuthorization(header: string): ApiKeyText | undefined {
  const text = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  return text === undefined ? undefined : parseApiKeyText(text);
}

function isOf(known: Known | undefined, { hash }: ApiKeyText): known is Known {
  return known !== undefined && timingSafeEqual(known.stored.hash, hash);
}

function refuse({ perSecond, burst }: Rate, records: number, seconds: number): void {
  if (seconds === 0) return;
  const rate = `This API key may append ${perSecond} records a second, and ${burst} at once`;
  if (seconds === Number.POSITIVE_INFINITY) {
    // No wait helps, and a client that goes by `rate_limited` would try again for ever.
    throw new Problem(
      'too_large',
      `${rate}: a batch of ${records} never fits. Send ${burst} or fewer. Nothing was stored.`,
    );
  }
  throw new Problem('rate_limited', `${rate}. Wait ${seconds} s. Nothing was stored.`, { retryAfter: seconds });
}

function toApiKey(stored: StoredApiKey, ofLog: Visibility): ApiKey {
  const { id, name, services, boundaries, trustRoots, foreign, blind, rate } = stored;
  const defaultVisibility = stored.defaultVisibility ?? ofLog;
  return { id, name, rate, rights: { keyId: id, services, boundaries, trustRoots, foreign, blind, defaultVisibility } };
}

/** Drops the oldest where there are too many; found keys and guesses don't push one another out. */
function remember(map: Map<string, Lookup>, id: string, lookup: Lookup): void {
  map.delete(id);
  map.set(id, lookup);
  if (map.size <= MOST_CACHED) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
