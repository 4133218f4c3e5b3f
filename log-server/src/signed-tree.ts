import { type Sha256, TILE_WIDTH, type Tile } from '@assent/verifier';
import type { Database } from './database/connect.ts';
import { Problem, type ProblemCode } from './problems.ts';
import type { Published, Publisher } from './publisher/publisher.ts';
import { openStored, readEntries, readEntriesBut } from './store/entries.ts';
import { EntryReads } from './store/entry-reads.ts';
import { hasHeadOfSize } from './store/heads.ts';
import type { TileCache } from './tree/tile-cache.ts';
import { GROUP_WIDTH } from './tree/tile-cache.ts';
import { TreeReader } from './tree/tree-reader.ts';
import type { WithheldEntries } from './withheld-entries.ts';

export type SignedTreeParts = {
  readonly database: Pick<Database, 'kysely' | 'pool'>;
  readonly publisher: Publisher;
  readonly cache: TileCache;
  readonly withheld: WithheldEntries;
  readonly sha256: Sha256;
};

/** The tree under the signed heads, and the entries that are its leaves. Throws a Problem for what a caller can be told. */
export class SignedTree {
  private readonly parts: SignedTreeParts;
  private readonly reads: EntryReads;
  private lastReader: TreeReader | undefined;

  constructor(parts: SignedTreeParts) {
    this.parts = parts;
    this.reads = new EntryReads(parts.database.pool);
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

  reader({ edge }: Published): TreeReader {
    // It learns what its proofs have in common.
    if (this.lastReader?.edge !== edge) this.lastReader = new TreeReader(edge, this.parts.cache);
    return this.lastReader;
  }

  /** An entry's bytes, as {@link entries} has them. The leaf hashes around it, of which a proof needs one, come with it. */
  async entry(index: number): Promise<Uint8Array> {
    const { cache, database, withheld, sha256 } = this.parts;
    await withheld.refuse(index, index + 1);
    const published = await this.covering(index);
    const tile = Math.floor(index / TILE_WIDTH);
    const group = Math.floor((index % TILE_WIDTH) / GROUP_WIDTH);
    const stored = await this.reads.read(index, { leaves: !cache.hasGroup(tile, group) });
    if (stored.leaves !== undefined) cache.addGroup(tile, group, stored.leaves);
    const [signed] = await this.reader(published).readHashes([{ level: 0, index }]);
    const entry = openStored(index, stored, signed!, sha256);
    if (entry !== undefined) return entry;
    // It goes on beyond what was read of its block, or it is damaged.
    const [read] = await readEntries(database.kysely, index, [signed!], sha256);
    return read!;
  }

  /**
   * The entries from `first` to before `end`, each the leaf that the signed tree has in its place. Everything that hands
   * out an entry's bytes comes through here, or through {@link readableEntries}. Throws a Problem `withheld` if one may
   * not be served.
   */
  async entries(first: number, end: number): Promise<Uint8Array[]> {
    const { database, withheld, sha256 } = this.parts;
    await withheld.refuse(first, end);
    if (end <= first) return [];
    return readEntries(database.kysely, first, await this.leaves(first, end), sha256);
  }

  /** The same for lists: an entry that is withheld is undefined, and the others are there. */
  async readableEntries(first: number, end: number): Promise<(Uint8Array | undefined)[]> {
    const { database, sha256 } = this.parts;
    const withheld = new Set(await this.parts.withheld.among(first, end));
    if (end <= first) return [];
    return readEntriesBut(database.kysely, first, await this.leaves(first, end), sha256, withheld);
  }

  /** Those from `first` to before `end` that must not be served. */
  withheldAmong(first: number, end: number): Promise<readonly number[]> {
    return this.parts.withheld.among(first, end);
  }

  /** Throws a Problem `withheld` if an entry from `first` to before `end` must not be served. */
  refuseWithheld(first: number, end: number): Promise<void> {
    return this.parts.withheld.refuse(first, end);
  }

  private async leaves(first: number, end: number): Promise<Uint8Array[]> {
    return this.reader(await this.covering(end - 1)).readLeaves(first, end);
  }

  /** The hashes of a full tile of the newest head that this process has signed, if they are in memory. */
  fullTileInMemory(level: number, index: number): Uint8Array | undefined {
    const size = this.held?.head.size ?? 0;
    return index < Math.floor(size / TILE_WIDTH ** (level + 1)) ? this.parts.cache.hashes(level, index) : undefined;
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
    return newest < end || hasHeadOfSize(this.parts.database.kysely, from, end);
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
