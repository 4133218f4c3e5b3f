import { hexEncode, type Sha256, TILE_WIDTH } from '@assent/verifier';
import type { Kysely } from 'kysely';
import { consumptionIdentity } from '../admission/consumption-identity.ts';
import type { Schema } from '../database/schema.ts';
import { readStored } from '../read-stored.ts';
import type { SignedTree } from '../signed-tree.ts';
import { Slots } from '../slots.ts';
import { findRecord } from '../store/entries.ts';
import { findBundles, indexedBundles } from '../store/search-terms.ts';
import { readFacts } from './entry-facts.ts';
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
/** What is read at once: a page of the newest entries needs no more. */
const PIECE = 64;
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
    const page = new Page(tree, query, end);
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
    const indexed = terms.length === 0 ? 0 : TILE_WIDTH * (await indexedBundles(kysely));
    await page.read(Math.min(indexed, end), end);
    while (!page.done && page.end > 0) {
      const highest = Math.ceil(page.end / TILE_WIDTH) - 1;
      const { bundles, lowest } = await findBundles(kysely, terms, highest, page.bundlesLeft, WINDOW);
      for (const bundle of bundles) await page.read(bundle * TILE_WIDTH, Math.min((bundle + 1) * TILE_WIDTH, page.end));
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
  private readonly query: SearchQuery;

  constructor(tree: SignedTree, query: SearchQuery, end: number) {
    this.tree = tree;
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
      const from = Math.max(first, this.end - PIECE);
      const entries = await readStored(this.tree, from, this.end);
      this.spend(entries.length);
      for (let i = entries.length - 1; i >= 0 && this.found.length < this.query.limit; i--) {
        this.end = from + i;
        this.look(from + i, entries[i]);
      }
    }
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

  private look(index: number, entry: Uint8Array | undefined): void {
    const facts = entry && readFacts(entry);
    if (entry !== undefined && facts !== undefined && matches(facts, this.query)) this.found.push({ index, entry });
  }
}
