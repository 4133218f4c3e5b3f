import { type ENTRY_KINDS, hexDecode } from '@assent/verifier';
import type { Log } from '../../log.ts';
import { Problem } from '../../problems.ts';
import type { Search, SearchQuery } from '../../search/search.ts';
import { SEARCH } from '../../words/entries.ts';

export type SearchedLog = Pick<Log, 'find'> & { readonly search: Pick<Search, 'find'> };

/** What a list is narrowed to. Digests are `sha256:<hex>`. */
export type Filters = {
  readonly kind?: (typeof ENTRY_KINDS)[number];
  readonly service?: string;
  readonly approval?: string;
  readonly intent?: string;
  readonly keyid?: string;
};

const IDENTIFIER = '[A-Za-z0-9._:@+-]{1,128}';
const SERVICE = new RegExp(`^${IDENTIFIER}$`);
const NAME = new RegExp(`^${IDENTIFIER}/${IDENTIFIER}$`);
const INDEX = /^(0|[1-9][0-9]{0,14})$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const KINDS: ReadonlySet<string> = new Set<(typeof ENTRY_KINDS)[number]>(['approval', 'consumption', 'trust-root']);

/** Filters and page out of the address of a list. Throws a Problem `invalid_parameter`. */
export function readFilters(query: Readonly<Record<string, string>>): { filters: Filters; after: number | undefined } {
  const { kind = '', service = '', approval = '', intent = '', keyid = '', after = '' } = query;
  if (kind !== '' && !KINDS.has(kind)) throw wrong('kind', kind);
  if (service !== '' && !SERVICE.test(service)) throw wrong('service', service);
  for (const [name, value] of Object.entries({ approval, intent, keyid })) {
    if (value !== '' && !DIGEST.test(value)) throw wrong(name, value);
  }
  if (after !== '' && !INDEX.test(after)) throw wrong('after', after);
  return {
    filters: {
      ...(kind !== '' && { kind: kind as (typeof ENTRY_KINDS)[number] }),
      ...(service !== '' && { service }),
      ...(approval !== '' && { approval }),
      ...(intent !== '' && { intent }),
      ...(keyid !== '' && { keyid }),
    },
    after: after === '' ? undefined : Number(after),
  };
}

function wrong(name: string, value: string): Problem {
  return new Problem('invalid_parameter', SEARCH.wrong(name, value.slice(0, 100)));
}

export function isNarrowed(filters: Filters): boolean {
  return Object.keys(filters).length > 0;
}

/** The address of the list, relative to the log's origin. */
export function listPath(filters: Filters, after?: number): string {
  const query = new URLSearchParams(filters);
  if (after !== undefined) query.set('after', String(after));
  return query.size === 0 ? '/entries' : `/entries?${query}`;
}

export function toSearchQuery(
  { approval, ...filters }: Filters,
  after: number | undefined,
  limit: number,
): SearchQuery {
  const digest = approval === undefined ? undefined : hexDecode(approval.slice('sha256:'.length));
  return { ...filters, after, limit, ...(digest?.ok && { approval: digest.value }) };
}

/**
 * Where what somebody typed is found: an address of this log, or undefined where it fits nothing that can be asked for. A
 * fingerprint may be that of a decision, an entry, an action or a key: the first of these that the log knows.
 *
 * Throws the Problems of the search, and `not_found` for a name or fingerprint that nothing here has.
 */
export async function resolveQuestion(
  typed: string,
  kind: Filters['kind'],
  log: SearchedLog,
): Promise<string | undefined> {
  const text = /^[0-9a-f]{64}$/i.test(typed) ? `sha256:${typed.toLowerCase()}` : typed.replace(/^#/, '');
  if (INDEX.test(text)) return `/entry/${text}`;
  if (NAME.test(text)) return `/entry/${await log.find(text)}`;
  if (SERVICE.test(text) && !text.startsWith('sha256:')) return listPath({ ...(kind && { kind }), service: text });
  if (!DIGEST.test(text)) return undefined;
  const named = await log.find(text).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found') return undefined;
    throw error;
  });
  if (named !== undefined) return `/entry/${named}`;
  for (const filters of [{ intent: text }, { keyid: text }]) {
    const { found } = await log.search.find(toSearchQuery(filters, undefined, 1));
    if (found.length > 0) return listPath({ ...(kind && { kind }), ...filters });
  }
  throw new Problem('not_found', `${SEARCH.noFingerprint(text)} ${SEARCH.sealed}`);
}
