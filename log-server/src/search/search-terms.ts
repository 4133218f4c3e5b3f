import { type Sha256, utf8Encode } from '@assent/verifier';
import { prefix8 } from '../store/prefix8.ts';
import type { BundleTerms } from '../store/search-terms.ts';
import type { EntryFacts } from './entry-facts.ts';

/** Members that are equal in the entries that a search finds; those that are absent may be anything. */
export type Filters = {
  readonly kind?: string | undefined;
  readonly keyid?: string | undefined;
  readonly service?: string | undefined;
  readonly intent?: string | undefined;
};

const OTHERS = ['keyid', 'service', 'kind'] as const;
type Name = 'intent' | (typeof OTHERS)[number];

/** The terms of which a bundle has all if it has an entry that the filters let through; the first says in which place it may be. */
export function termsOf(filters: Filters, sha256: Sha256): { readonly byPlace?: bigint; readonly others: bigint[] } {
  const others = OTHERS.flatMap((name) => {
    const value = filters[name];
    return value === undefined ? [] : [termOf(name, value, sha256)];
  });
  return filters.intent === undefined ? { others } : { byPlace: termOf('intent', filters.intent, sha256), others };
}

/** The terms of a bundle. @param entries in their places; undefined: one that nothing may find */
export function bundleTerms(entries: readonly (EntryFacts | undefined)[], sha256: Sha256): BundleTerms {
  const texts = new Map<string, bigint>();
  for (const facts of entries) {
    if (facts === undefined) continue;
    const { kind, keyids, service } = facts;
    for (const keyid of keyids) add(texts, 'keyid', keyid, sha256);
    if (service !== undefined) add(texts, 'service', service, sha256);
    add(texts, 'kind', kind, sha256);
  }
  const byPlace = entries.map((facts) =>
    facts?.intent === undefined ? undefined : termOf('intent', facts.intent, sha256),
  );
  return { byPlace, others: [...new Set(texts.values())] };
}

/** Whether an entry is one that the filters let through: the full values decide, as eight bytes of a hash can collide. */
export function matches(facts: EntryFacts, { kind, keyid, service, intent }: Filters): boolean {
  return (
    (kind === undefined || facts.kind === kind) &&
    (service === undefined || facts.service === service) &&
    (intent === undefined || facts.intent === intent) &&
    (keyid === undefined || facts.keyids.includes(keyid))
  );
}

function add(texts: Map<string, bigint>, name: Name, value: string, sha256: Sha256): void {
  const text = `${name}\0${value}`;
  if (!texts.has(text)) texts.set(text, termOf(name, value, sha256));
}

function termOf(name: Name, value: string, sha256: Sha256): bigint {
  return prefix8(sha256(utf8Encode(`${name}\0${value}`)));
}
