import type { Sha256 } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from './database/schema.ts';
import { Problem } from './problems.ts';
import type { Published, Publisher } from './publisher/publisher.ts';
import { readEntries } from './store/entries.ts';
import { type TileCache, TreeReader } from './tree/tree-reader.ts';
import type { WithheldEntries } from './withheld-entries.ts';

export type SignedTreeParts = {
  readonly kysely: Kysely<Schema>;
  readonly publisher: Publisher;
  readonly cache: TileCache;
  readonly withheld: WithheldEntries;
  readonly sha256: Sha256;
};

/** The tree under the signed heads, and the entries that are its leaves. Throws a Problem for what a caller can be told. */
export class SignedTree {
  private readonly parts: SignedTreeParts;

  constructor(parts: SignedTreeParts) {
    this.parts = parts;
  }

  /** A signed head that is no older than any that was handed out before this was called. */
  newest(): Promise<Published> {
    return this.parts.publisher.refresh();
  }

  /** A signed head that covers the entry: the one in memory if that does. Throws a Problem `not_found`. */
  covering(index: number): Promise<Published> {
    return this.covers(index + 1, (size) => `There is no entry ${index}: the log has ${size} entries.`);
  }

  /** A signed head of at least this size. Throws a Problem `not_found`. */
  reaching(size: number): Promise<Published> {
    return this.covers(size, (newest) => `The log has no size ${size} yet: its newest signed size is ${newest}.`);
  }

  reader(published: Published): TreeReader {
    return new TreeReader(published.edge, this.parts.cache);
  }

  /** An entry's bytes. */
  async entry(index: number): Promise<Uint8Array> {
    const [entry] = await this.entries(index, index + 1);
    return entry!;
  }

  /**
   * The entries from `first` to before `end`, each the leaf that the signed tree has in its place. Everything that hands
   * out an entry's bytes comes through here, or through {@link readableEntries}. Throws a Problem `withheld` if one may
   * not be served.
   */
  async entries(first: number, end: number): Promise<Uint8Array[]> {
    await this.parts.withheld.refuse(first, end);
    return this.storedEntries(first, end);
  }

  /** The same for lists: an entry that is withheld is undefined, and the others are there. */
  async readableEntries(first: number, end: number): Promise<(Uint8Array | undefined)[]> {
    const withheld = new Set(await this.parts.withheld.among(first, end));
    if (withheld.size === 0) return this.storedEntries(first, end);
    const indexes = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
    return Promise.all(
      indexes.map(async (index) => (withheld.has(index) ? undefined : (await this.storedEntries(index, index + 1))[0])),
    );
  }

  private async storedEntries(first: number, end: number): Promise<Uint8Array[]> {
    if (end <= first) return [];
    const leaves = await this.reader(await this.covering(end - 1)).readHashes(
      Array.from({ length: end - first }, (_, i) => ({ level: 0, index: first + i })),
    );
    return readEntries(this.parts.kysely, first, leaves, this.parts.sha256);
  }

  /** A tile's hashes of the signed tree, or undefined when it has no such tile. */
  async tile(level: number, index: number, width: number): Promise<Uint8Array | undefined> {
    const held = this.parts.publisher.current;
    const hashes = held && (await this.reader(held).readTile(level, index, width));
    return hashes ?? this.reader(await this.newest()).readTile(level, index, width);
  }

  private async covers(size: number, missing: (newest: number) => string): Promise<Published> {
    const held = this.parts.publisher.current;
    if (held !== undefined && size <= held.head.size) return held;
    // Another process may have appended it.
    const published = await this.newest();
    if (size <= published.head.size) return published;
    throw new Problem('not_found', missing(published.head.size));
  }
}
