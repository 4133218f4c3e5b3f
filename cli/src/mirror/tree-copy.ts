import {
  formatBundle,
  formatBundlePath,
  formatTilePath,
  HASH_SIZE,
  MAX_ENTRY_SIZE,
  type Primitives,
  parseBundle,
  parseJson,
  partialTiles,
  TILE_WIDTH,
  type Tile,
  tileWidthAt,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { isObject } from '../http/problem.ts';
import { type AuthenticTiles, findChangedEntry } from '../log-source/authentic-tiles.ts';
import type { LogSource } from '../log-source/log-source.ts';
import type { TreeHead } from '../log-source/signed-head.ts';
import { entryPath, WITHHELD_FILE, WITHHELD_TYPE } from '../log-source/tiled-log.ts';
import type { MirrorFolder } from './mirror-folder.ts';

const MAX_BUNDLE = TILE_WIDTH * (2 + MAX_ENTRY_SIZE);
const MAX_WITHHELD = 16 * 1024 * 1024;

export type TreeCopyOptions = {
  readonly source: LogSource;
  readonly folder: MirrorFolder;
  /** Bundles at once. */
  readonly concurrency: number;
  readonly primitives: Primitives;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
};

/** Writes what a copy of this head needs, and is not there yet. */
export class TreeCopy {
  files = 0;
  readonly #options: TreeCopyOptions;
  readonly #head: TreeHead;
  readonly #tiles: AuthenticTiles;

  constructor(options: TreeCopyOptions, head: TreeHead, tiles: AuthenticTiles) {
    this.#options = options;
    this.#head = head;
    this.#tiles = tiles;
  }

  /**
   * @param start entries before this one were copied by an earlier run
   * @returns the entries that are withheld, ascending
   */
  async from(start: number): Promise<readonly number[]> {
    const { concurrency, signal, onProgress } = this.#options;
    const { size } = this.#head;
    const first = Math.floor(start / TILE_WIDTH);
    const end = Math.ceil(size / TILE_WIDTH);
    const withheld: number[] = [];
    let done = first * TILE_WIDTH;
    let next = first;
    // As many workers as bundles at once: what is in memory is bounded, however large the log.
    const work = async (): Promise<void> => {
      while (next < end) {
        signal.throwIfAborted();
        const index = next++;
        withheld.push(...(await this.#copyPlace(index)));
        done += tileWidthAt(0, index, size);
        onProgress(done, size);
      }
    };
    const workers = Array.from({ length: concurrency }, () =>
      work().catch((error: unknown) => {
        // The others finish what they have begun, and begin nothing.
        next = end;
        throw error;
      }),
    );
    const failure = (await Promise.allSettled(workers)).find((worker) => worker.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    await this.#copyUpperTiles(start);
    return this.#listWithheld(first * TILE_WIDTH, withheld);
  }

  async put(name: string, content: Uint8Array | string): Promise<void> {
    if (await this.#options.folder.put(name, content)) this.files++;
  }

  /** A bundle, and the tile of its hashes. */
  async #copyPlace(index: number): Promise<readonly number[]> {
    const { folder } = this.#options;
    const width = tileWidthAt(0, index, this.#head.size);
    const hashes = await this.#tiles.tile(0, index);
    const entries = (await this.#copied(index, hashes)) ?? (await this.#fetched(index, hashes));
    const first = index * TILE_WIDTH;
    const withheld = entries.flatMap((entry, i) => (entry === undefined ? [first + i] : []));
    const bundle = formatBundlePath(index, width);
    if (withheld.length === 0) await this.put(bundle, formatBundle(entries.filter((entry) => entry !== undefined)));
    else {
      await folder.remove(formatBundlePath(index, TILE_WIDTH));
      await folder.remove(partialFolder(formatBundlePath(index, 1)));
      for (const [i, entry] of entries.entries()) {
        if (entry === undefined) await folder.remove(entryPath(first + i));
        else await this.put(entryPath(first + i), entry);
      }
    }
    await this.put(formatTilePath({ level: 0, index, width }), hashes);
    return withheld;
  }

  /** Of a run before this one, if it is as it should be. */
  async #copied(index: number, hashes: Uint8Array): Promise<readonly Uint8Array[] | undefined> {
    const width = hashes.length / HASH_SIZE;
    const bytes = await readOrNothing(this.#options.folder, formatBundlePath(index, width), MAX_BUNDLE);
    const bundle = bytes && parseBundle(bytes, width);
    if (!bundle?.ok) return undefined;
    return findChangedEntry(bundle.value, hashes, this.#options.primitives.sha256) === undefined
      ? bundle.value
      : undefined;
  }

  async #fetched(index: number, hashes: Uint8Array): Promise<readonly (Uint8Array | undefined)[]> {
    const { source, primitives } = this.#options;
    const entries = await source.bundle(index, hashes.length / HASH_SIZE);
    const changed = findChangedEntry(entries, hashes, primitives.sha256);
    if (changed === undefined) return entries;
    const message = `${source.name}: entry ${index * TILE_WIDTH + changed} is not the one that the log signed: its hash is another than in the tree`;
    throw new CommandFailure('log_misbehaves', message);
  }

  async #copyUpperTiles(start: number): Promise<void> {
    for (let level = 1; tileWidthAt(level, 0, this.#head.size) > 0; level++) {
      const first = Math.floor(start / TILE_WIDTH ** (level + 1));
      for (let index = first; ; index++) {
        const width = tileWidthAt(level, index, this.#head.size);
        if (width === 0) break;
        await this.put(formatTilePath({ level, index, width }), await this.#tiles.tile(level, index));
      }
    }
  }

  /** What earlier runs listed stays listed, unless this one looked at it again. */
  async #listWithheld(from: number, found: readonly number[]): Promise<readonly number[]> {
    const earlier = (await readWithheld(this.#options.folder)).filter((index) => index < from);
    const entries = [...earlier, ...found].sort((a, b) => a - b);
    if (entries.length === 0) await this.#options.folder.remove(WITHHELD_FILE);
    else await this.put(WITHHELD_FILE, `${JSON.stringify({ type: WITHHELD_TYPE, entries })}\n`);
    return entries;
  }
}

/** Undefined where there is none, or one of another width. */
export async function readTile(folder: MirrorFolder, tile: Tile): Promise<Uint8Array | undefined> {
  const bytes = await readOrNothing(folder, formatTilePath(tile), tile.width * HASH_SIZE);
  return bytes?.length === tile.width * HASH_SIZE ? bytes : undefined;
}

/** A file that is too long is as good as none: it is written anew. */
async function readOrNothing(folder: MirrorFolder, name: string, maxBytes: number): Promise<Uint8Array | undefined> {
  return folder.read(name, maxBytes).catch((error: unknown) => {
    if (error instanceof CommandFailure && error.kind === 'file_malformed') return undefined;
    throw error;
  });
}

/** What the copy lists as withheld. */
export async function readWithheld(folder: MirrorFolder): Promise<readonly number[]> {
  const bytes = await folder.read(WITHHELD_FILE, MAX_WITHHELD);
  if (bytes === undefined) return [];
  const json = parseJson(bytes, { maxBytes: MAX_WITHHELD });
  const { type, entries } = json.ok && isObject(json.value) ? json.value : {};
  if (type === WITHHELD_TYPE && Array.isArray(entries)) return entries.filter((entry) => typeof entry === 'number');
  throw new CommandFailure('file_malformed', `${folder.path}/${WITHHELD_FILE} is damaged: it is no ${WITHHELD_TYPE}`);
}

/**
 * Of tiles that are full now, and of the newest ones all but those of this run's and the last run's checkpoint, which somebody may
 * just have read.
 */
export async function removeOldPartials(folder: MirrorFolder, from: number, size: number): Promise<void> {
  const now = partialTiles(size);
  for (const old of [...partialTiles(from), ...now]) {
    const newer = now.find(({ level, index }) => level === old.level && index === old.index);
    const names = [formatTilePath({ ...old, width: 1 }), ...(old.level === 0 ? [formatBundlePath(old.index, 1)] : [])];
    for (const name of names.map(partialFolder)) {
      if (newer === undefined) {
        await folder.remove(name);
        continue;
      }
      const kept = [tileWidthAt(old.level, old.index, from), newer.width].map(String);
      for (const width of await folder.list(name)) if (!kept.includes(width)) await folder.remove(`${name}/${width}`);
    }
  }
}

function partialFolder(name: string): string {
  return name.slice(0, name.lastIndexOf('/'));
}
