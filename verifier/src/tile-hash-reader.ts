/**
 * Node hashes out of tiles (C2SP tlog-tiles), wherever the tiles are: behind HTTP, in a mirror's files, in a database.
 */
import { checkSize, HASH_SIZE, type HashReader, type NodeId } from './merkle.ts';
import { sha256 as defaultSha256, type Sha256 } from './sha256.ts';
import { formatTilePath, nodeInTile, nodeTile, type Tile } from './tile.ts';

/**
 * Resolves to exactly `width` hashes of 32 bytes, or rejects. A log may have deleted a partial tile once the full one
 * is there: then a source fetches the full one and returns its first `width` hashes.
 */
export interface TileSource {
  readTile(tile: Tile): Promise<Uint8Array>;
}

/**
 * Reads each tile that a batch needs once, and asks for tiles of the given tree size only, as a log need not have other
 * partial ones. The hashes are as true as the source: whoever does not trust it checks the root or the proof that was
 * made from them.
 */
export class TileHashReader implements HashReader {
  readonly #size: number;
  readonly #source: TileSource;
  readonly #sha256: Sha256;

  /** Throws RangeError on a size that is none. */
  constructor(size: number, source: TileSource, sha256: Sha256 = defaultSha256) {
    checkSize('size', size);
    this.#size = size;
    this.#source = source;
    this.#sha256 = sha256;
  }

  /**
   * Rejects with RangeError if a node is not in the tree, with Error if a tile has not the length of its width, or with
   * the source's error.
   */
  async readHashes(nodes: readonly NodeId[]): Promise<Uint8Array[]> {
    const tiles = nodes.map((node) => nodeTile(node, this.#size));
    const reads = new Map<string, Promise<Uint8Array>>();
    for (const tile of tiles) {
      const path = formatTilePath(tile);
      if (!reads.has(path)) reads.set(path, this.#read(tile));
    }
    const bytes = new Map<string, Uint8Array>();
    await Promise.all([...reads].map(async ([path, read]) => bytes.set(path, await read)));
    return nodes.map((node, i) => nodeInTile(node, bytes.get(formatTilePath(tiles[i]!))!, this.#sha256));
  }

  async #read(tile: Tile): Promise<Uint8Array> {
    const bytes = await this.#source.readTile(tile);
    if (bytes.length !== tile.width * HASH_SIZE)
      throw new Error(`the source's ${formatTilePath(tile)} has ${bytes.length} bytes`);
    return bytes;
  }
}
