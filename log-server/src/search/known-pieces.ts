import { ByteCache } from '../byte-cache.ts';
import { type EntryFacts, readFacts } from './entry-facts.ts';

/** What is read at once: a page of the newest entries needs no more. */
export const PIECE = 64;
/** Of some thousand entries. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Of an entry's facts, beside their text. */
const OVERHEAD = 100;

/** Of an entry; undefined: nothing finds it. */
type Facts = EntryFacts | undefined;

/**
 * What entries can be found by, for pieces of 64 that were read lately: each search of the newest entries would parse them again.
 * Whether one may be served, and its bytes, are never taken from here.
 */
export class KnownPieces {
  readonly #pieces = new ByteCache<readonly Facts[]>(MAX_BYTES);

  /** Of the entries from `first` to before `end`, which lie in one piece; undefined if they are not known. */
  get(first: number, end: number): readonly Facts[] | undefined {
    const start = first - (first % PIECE);
    return this.#pieces.get(start)?.slice(first - start, end - start);
  }

  /** Reads the facts of entries, and keeps those of a whole piece. @param entries undefined for one that may not be served now */
  learn(first: number, entries: readonly (Uint8Array | undefined)[]): readonly Facts[] {
    const facts = entries.map((entry) => entry && readFacts(entry));
    // One that is withheld or damaged may be served again one day.
    if (first % PIECE === 0 && entries.length === PIECE && !entries.includes(undefined)) {
      this.#pieces.set(first, facts, JSON.stringify(facts).length + PIECE * OVERHEAD);
    }
    return facts;
  }
}
