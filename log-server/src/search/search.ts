import { hexEncode, type Sha256, TILE_WIDTH } from '@assent/verifier';
import type { Kysely } from 'kysely';
import { consumptionIdentity } from '../admission/consumption-identity.ts';
import type { Schema } from '../database/schema.ts';
import { readStored } from '../read-stored.ts';
import type { SignedTree } from '../signed-tree.ts';
import { Slots } from '../slots.ts';
import { findRecord } from '../store/entries.ts';
import { type Candidate, findBundles, indexedBundles } from '../store/search-terms.ts';
import type { EntryFacts } from './entry-facts.ts';
import { KnownPieces, PIECE } from './known-pieces.ts';
import { type Filters, matches, termsOf } from './search-terms.ts';

export type SearchQuery = Filters & {
  /** Statement digest, 32 bytes. */
  readonly approval?: Uint8Array | undefined;
  /** Only entries before this index. */
  readonly after?: number | undefined;
  /** At most so many; 1 or more. */
  readonly limit: number;
};

export type Found = { readonly index: number; readonly entry: Uint8Array };

/** `next` is the `after` that goes on where this page ends; undefined at the end of the log. */
export type SearchPage = { readonly found: readonly Found[]; readonly next: number | undefined };

export type SearchParts = {
  readonly kysely: Kysely<Schema>;
  readonly tree: SignedTree;
  readonly sha256: Sha256;
};

/** What one request may read: it then answers with what it has found, and where to go on. */
const MAX_READ = 4_096;
/** One reading of all entries of a bundle costs no more than so many readings of one. */
const MAX_PLACES = 8;
/** How many bundles the database is asked about at once: 16 million entries. */
const WINDOW = 65_536;
const AT_ONCE = 4;
const MAX_WAITING = 64;

/**
 * Finds open entries, newest first. Pages hang together by index, so that entries that are appended meanwhile are neither
 * found twice nor push others out. Sealed, withheld and damaged entries are never found.
 */
export class Search {
  private readonly parts: SearchParts;
  private readonly slots = new Slots(AT_ONCE, MAX_WAITING, 'Too many searches are under way. Try again soon.');

  private readonly pieces = new KnownPieces();

  constructor(parts: SearchParts) {
    this.parts = parts;
  }

  /** Throws a Problem `overloaded`, and those of the tree. A page may be short, or empty, and still have a `next`. */
  async find(query: SearchQuery): Promise<SearchPage> {
    return this.slots.run(() => this.findPage(query));
  }

  private async findPage(query: SearchQuery): Promise<SearchPage> {
    const { kysely, tree, sha256 } = this.parts;
    const { size } = (await tree.newest()).head;
    const end = Math.min(query.after ?? size, size);
    const page = new Page(tree, this.pieces, query, end);
    if (query.approval !== undefined) {
      // Newest first: the consumption, which stands above its approval.
      const consumed = consumptionIdentity(`sha256:${hexEncode(query.approval)}`, { sha256 });
      const consumption = await findRecord(kysely, 'identity', Buffer.from(consumed, 'hex'));
      for (const record of [consumption, await findRecord(kysely, 'statement', query.approval)]) {
        if (record?.toldTo !== 'public' || record.index >= end) continue;
        if (page.done) return page.upToHere();
        await page.read(record.index, record.index + 1);
      }
      return page.last();
    }
    const terms = termsOf(query, sha256);
    // Read before the terms are: what it says is indexed has its terms in any later reading.
    const isNarrowed = terms.byPlace !== undefined || terms.others.length > 0;
    const indexed = isNarrowed ? TILE_WIDTH * (await indexedBundles(kysely)) : 0;
    await page.read(Math.min(indexed, end), end);
    while (!page.done && page.end > 0) {
      const highest = Math.ceil(page.end / TILE_WIDTH) - 1;
      const { bundles, lowest } = await findBundles(kysely, terms, highest, page.bundlesLeft, WINDOW);
      for (const candidate of bundles) await page.readBundle(candidate);
      if (page.done) break;
      if (lowest === undefined) return page.last();
      page.skipTo(lowest * TILE_WIDTH);
      // A window without a match is work as well.
      page.spend(TILE_WIDTH);
    }
    return page.end === 0 ? page.last() : page.upToHere();
  }
}

/** Goes down through the log, and ends when the page is full or enough was read. */
class Page {
  /** Entries from here on have been seen, or can't match. */
  end: number;
  private left = MAX_READ;
  private readonly found: Found[] = [];
  private readonly tree: SignedTree;
  private readonly pieces: KnownPieces;
  private readonly query: SearchQuery;

  constructor(tree: SignedTree, pieces: KnownPieces, query: SearchQuery, end: number) {
    this.tree = tree;
    this.pieces = pieces;
    this.query = query;
    this.end = end;
  }

  get done(): boolean {
    return this.left <= 0 || this.found.length >= this.query.limit;
  }

  get bundlesLeft(): number {
    return Math.max(1, Math.floor(this.left / TILE_WIDTH));
  }

  /** Looks at the entries from `first` to before `end`, the newest first; all from `end` on are done with. */
  async read(first: number, end: number): Promise<void> {
    if (this.done) return;
    this.end = end;
    while (!this.done && this.end > first) {
      await this.readPiece(Math.max(first, PIECE * (Math.ceil(this.end / PIECE) - 1)), this.end);
    }
  }

  /** The same, of one piece. */
  private async readPiece(first: number, end: number): Promise<void> {
    this.spend(end - first);
    const known = this.pieces.get(first, end);
    if (known?.every((facts) => !this.fits(facts))) {
      this.end = first;
      return;
    }
    const entries = await readStored(this.tree, first, end);
    const facts = known ?? this.pieces.learn(first, entries);
    for (let i = entries.length - 1; i >= 0 && this.found.length < this.query.limit; i--) {
      this.end = first + i;
      const entry = entries[i];
      if (entry !== undefined && this.fits(facts[i])) this.found.push({ index: first + i, entry });
    }
  }

  private fits(facts: EntryFacts | undefined): boolean {
    return facts !== undefined && matches(facts, this.query);
  }

  /** The same for a bundle: for its entries that may be what is looked for, each of which is a question to the database, or for all. */
  async readBundle({ bundle, places }: Candidate): Promise<void> {
    const first = bundle * TILE_WIDTH;
    const end = Math.min(first + TILE_WIDTH, this.end);
    if (places === undefined || places.length > MAX_PLACES) return this.read(first, end);
    for (const place of places) {
      if (this.done || first + place >= end) continue;
      await this.read(first + place, first + place + 1);
      this.spend(TILE_WIDTH / MAX_PLACES);
    }
    if (!this.done) this.skipTo(first);
  }

  spend(entries: number): void {
    this.left -= entries;
  }

  skipTo(end: number): void {
    this.end = Math.min(this.end, end);
  }

  /** There is nothing more to find. */
  last(): SearchPage {
    return { found: this.found, next: undefined };
  }

  upToHere(): SearchPage {
    return { found: this.found, next: this.end };
  }
}
