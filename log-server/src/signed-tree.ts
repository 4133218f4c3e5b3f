import { type Sha256, TILE_WIDTH, type Tile } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from './database/schema.ts';
import { Problem, type ProblemCode } from './problems.ts';
import type { Published, Publisher } from './publisher/publisher.ts';
import { readEntries } from './store/entries.ts';
import { hasHeadOfSize } from './store/heads.ts';
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

  /** The newest head that this process has signed; another one may have signed a newer one ({@link newest}). */
  get held(): Published | undefined {
    return this.parts.publisher.current;
  }

  /** A signed head that is no older than any that was handed out before this was called. */
  newest(): Promise<Published> {
    return this.parts.publisher.refresh();
  }

  /** A signed head that covers the entry: the one in memory if that does. Throws a Problem `not_found`. */
  covering(index: number): Promise<Published> {
    return this.covers(index + 1, (size) => `There is no entry ${index}: the log has ${size} entries.`);
  }

  /** A signed head of at least this size. Throws a Problem with `code`. */
  reaching(size: number, code: ProblemCode = 'not_found'): Promise<Published> {
    return this.covers(size, (newest) => `The log has no size ${size} yet: its newest signed size is ${newest}.`, code);
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

  /** Those from `first` to before `end` that must not be served. */
  withheldAmong(first: number, end: number): Promise<readonly number[]> {
    return this.parts.withheld.among(first, end);
  }

  /** Throws a Problem `withheld` if an entry from `first` to before `end` must not be served. */
  refuseWithheld(first: number, end: number): Promise<void> {
    return this.parts.withheld.refuse(first, end);
  }

  private async storedEntries(first: number, end: number): Promise<Uint8Array[]> {
    if (end <= first) return [];
    const leaves = await this.reader(await this.covering(end - 1)).readHashes(
      Array.from({ length: end - first }, (_, i) => ({ level: 0, index: first + i })),
    );
    return readEntries(this.parts.kysely, first, leaves, this.parts.sha256);
  }

  /**
   * A tile's hashes, or undefined unless a signed head requires it: a full one that the tree has filled, or a partial one
   * of the width at which some head cut it. Other widths say nothing that a head vouches for, and would be as many
   * addresses as there are entries.
   */
  async tile(tile: Tile): Promise<Uint8Array | undefined> {
    const { held } = this;
    const hashes = held && (await this.requiredTile(held, tile));
    if (hashes !== undefined) return hashes;
    const newest = await this.newest();
    return newest === held ? undefined : this.requiredTile(newest, tile);
  }

  private async requiredTile(published: Published, { level, index, width }: Tile): Promise<Uint8Array | undefined> {
    if (width < TILE_WIDTH && !(await this.isCut(published.head.size, { level, index, width }))) return undefined;
    return this.reader(published).readTile(level, index, width);
  }

  /** Whether a head up to the size `newest` ends within the last hash of this partial tile, or right after it. */
  private async isCut(newest: number, { level, index, width }: Tile): Promise<boolean> {
    const perHash = TILE_WIDTH ** level;
    // Beyond 2^53 inexact, but then larger than any size.
    const from = (index * TILE_WIDTH + width) * perHash;
    const end = from + perHash;
    if (from > newest) return false;
    return newest < end || hasHeadOfSize(this.parts.kysely, from, end);
  }

  private async covers(
    size: number,
    missing: (newest: number) => string,
    code: ProblemCode = 'not_found',
  ): Promise<Published> {
    const { held } = this;
    if (held !== undefined && size <= held.head.size) return held;
    // Another process may have appended it.
    const published = await this.newest();
    if (size <= published.head.size) return published;
    throw new Problem(code, missing(published.head.size));
  }
}
