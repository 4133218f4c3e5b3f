/**
 * A static copy of a log in the layout of https://c2sp.org/tlog-tiles, which any web server can hand out.
 *
 * Nothing is written before it is proved to be of the tree that the log signed, and that the tree extends the one that was copied
 * last. The checkpoint comes last of all: until then, and after a crash, the copy is the one that it was, and the next run finds
 * what is there already and goes on.
 */
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
  tileWidthAt,
  utf8Decode,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { isObject } from '../http/problem.ts';
import { AuthenticTiles, findChangedEntry } from '../log-source/authentic-tiles.ts';
import { compareTrees } from '../log-source/compare-trees.ts';
import type { LogSource } from '../log-source/log-source.ts';
import { openSignedHead, openWitnessedHead, type SignedHead } from '../log-source/signed-head.ts';
import { entryPath, WITHHELD_FILE, WITHHELD_TYPE } from '../log-source/tiled-log.ts';
import type { Pinned } from '../pinned.ts';
import { keepProof, proveFork } from '../write-misbehaviour.ts';
import type { MirrorFolder } from './mirror-folder.ts';

const MAX_CHECKPOINT = 1_000_000;
const MAX_BUNDLE = TILE_WIDTH * (2 + MAX_ENTRY_SIZE);
const MAX_WITHHELD = 16 * 1024 * 1024;

export type MirrorOptions = {
  readonly source: LogSource;
  readonly folder: MirrorFolder;
  /** What the user pinned. */
  readonly given: Pinned;
  /** With the keys that the log names where the user pinned none; asked for only when there is something to check. */
  readonly pinned: () => Promise<Pinned>;
  /** Look at what was copied earlier as well. */
  readonly checkAll: boolean;
  /** Bundles at once. */
  readonly concurrency: number;
  readonly primitives: Primitives;
  readonly signal: AbortSignal;
  /** Where the proof goes if the log signed two histories. */
  readonly misbehaviourFile: string;
  readonly onProgress: (done: number, total: number) => void;
};

export type Mirrored = {
  readonly origin: string;
  readonly size: number;
  /** What the copy held before. */
  readonly from: number;
  /** That were written. */
  readonly files: number;
  readonly withheld: readonly number[];
};

/**
 * Throws CommandFailure: `log_misbehaves`, `forked` and `rolled_back` for a log that is caught, `quorum_not_reached` for a head that
 * too few witnesses have cosigned yet. Then the copy is as it was.
 */
export async function mirrorLog(options: MirrorOptions): Promise<Mirrored | 'unchanged'> {
  const { source, folder, primitives, checkAll, signal } = options;
  const served = await source.checkpoint();
  const copied = await readText(folder, 'checkpoint');
  const isNew = served !== copied || checkAll;
  if (!isNew && options.given.logKeys.length === 0) return 'unchanged';

  const pinned = await options.pinned();
  const head = await openSignedHead(served, source.name, pinned, primitives);
  const before =
    copied === undefined ? undefined : await openSignedHead(copied, `${folder.path}/checkpoint`, pinned, primitives);
  if (before !== undefined && before.origin !== head.origin) {
    const message = `${folder.path} is a copy of ${before.origin}, and ${source.name} is ${head.origin}`;
    throw new CommandFailure('file_exists', message);
  }
  const tiles = tilesOf(options, head);
  await refuseOtherHistory(options, { head, before, tiles, pinned });
  const target = head.witnesses.met ? { head, tiles } : await findWitnessed(options, { head, before, tiles, pinned });
  if (!isNew || (target.head.size === before?.size && target.head !== head)) return 'unchanged';

  const copy = new Copy(options, target.head, checkAll ? 0 : (before?.size ?? 0), target.tiles);
  const withheld = await copy.run();
  await folder.sync();
  signal.throwIfAborted();
  await copy.put('checkpoint', target.head.checkpoint);
  await folder.sync();
  const { origin, size } = target.head;
  await removeOldPartials(folder, before?.size ?? 0, size);
  return { origin, size, from: before?.size ?? 0, files: copy.files, withheld };
}

/** Out of the copy where they are there already, as after a crash; the partial ones always from the log. */
function tilesOf({ source, folder, primitives }: MirrorOptions, head: SignedHead): AuthenticTiles {
  return new AuthenticTiles(
    head,
    {
      origin: { name: source.name, read: ({ level, index, width }) => source.tile(level, index, width) },
      before: (tile) => readTile(folder, tile),
    },
    primitives.sha256,
  );
}

async function readTile(
  folder: MirrorFolder,
  tile: Parameters<typeof formatTilePath>[0],
): Promise<Uint8Array | undefined> {
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

async function readText(folder: MirrorFolder, name: string): Promise<string | undefined> {
  const bytes = await folder.read(name, MAX_CHECKPOINT);
  const text = bytes && utf8Decode(bytes);
  if (text === undefined || text.ok) return text?.value;
  throw new CommandFailure('file_malformed', `${folder.path}/${name} is damaged: it is no text`);
}

type Heads = {
  readonly head: SignedHead;
  readonly before: SignedHead | undefined;
  readonly tiles: AuthenticTiles;
  readonly pinned: Pinned;
};

type Target = { readonly head: SignedHead; readonly tiles: AuthenticTiles };

/** Of a busy log the newest head is hardly ever cosigned yet: then the newest one that is. */
async function findWitnessed(options: MirrorOptions, { head, before, tiles, pinned }: Heads): Promise<Target> {
  const { source, primitives } = options;
  const witnessed = await openWitnessedHead(source, pinned, primitives);
  if (witnessed === undefined || witnessed.size < (before?.size ?? 0)) {
    const message = `too few witnesses have cosigned the tree of size ${head.size} yet, and nothing was copied. ${head.witnesses.detail}`;
    throw new CommandFailure('quorum_not_reached', message);
  }
  const [older, newer] = witnessed.size > head.size ? [head, witnessed] : [witnessed, head];
  const newerTiles = newer === head ? tiles : tilesOf(options, witnessed);
  await refuseFork(options, { older, newer, tiles: newerTiles, pinned });
  return { head: witnessed, tiles: tilesOf(options, witnessed) };
}

/** A copy never goes back, and never over to another history: of that one the log has signed the proof itself. */
async function refuseOtherHistory(options: MirrorOptions, { head, before, tiles, pinned }: Heads): Promise<void> {
  if (before === undefined) return;
  const { source, folder, primitives } = options;
  const isOlder = head.size < before.size;
  const [older, newer] = isOlder ? [head, before] : [before, head];
  const own = { name: folder.path, read: (tile: Parameters<typeof readTile>[1]) => readTile(folder, tile) };
  const newerTiles = isOlder ? new AuthenticTiles(before, { origin: own }, primitives.sha256) : tiles;
  await refuseFork(options, { older, newer, tiles: newerTiles, pinned });
  if (!isOlder) return;
  const message = `${source.name} shows a head of size ${head.size}, and this copy has ${before.size} entries already: it is an old one, and nothing was copied`;
  throw new CommandFailure('rolled_back', message);
}

type HeadPair = {
  readonly older: SignedHead;
  readonly newer: SignedHead;
  /** Of the newer tree. */
  readonly tiles: AuthenticTiles;
  readonly pinned: Pinned;
};

async function refuseFork(options: MirrorOptions, { older, newer, tiles, pinned }: HeadPair): Promise<void> {
  const { primitives, misbehaviourFile } = options;
  const compared = await compareTrees(older, newer, tiles, primitives.sha256);
  if (compared.relation === 'consistent') return;
  const heads = { older: { checkpoint: older.checkpoint }, newer: { checkpoint: newer.checkpoint } };
  const text = await proveFork({ origin: newer.origin, ...heads, ...compared }, pinned, primitives);
  const where = await keepProof(misbehaviourFile, text);
  const message = `${newer.origin} signed two histories: no tree has both its head of size ${older.size} and that of size ${newer.size}. Nothing was copied.`;
  throw new CommandFailure('forked', `${message}\n${where}`);
}

/** Writes what a copy of this head needs, and is not there yet. */
class Copy {
  files = 0;
  readonly #options: MirrorOptions;
  readonly #head: SignedHead;
  readonly #from: number;
  readonly #tiles: AuthenticTiles;

  /** @param from entries before this one were copied by an earlier run */
  constructor(options: MirrorOptions, head: SignedHead, from: number, tiles: AuthenticTiles) {
    this.#options = options;
    this.#head = head;
    this.#from = from;
    this.#tiles = tiles;
  }

  /** @returns the entries that are withheld, ascending. */
  async run(): Promise<readonly number[]> {
    const { concurrency, signal, onProgress } = this.#options;
    const { size } = this.#head;
    const first = Math.floor(this.#from / TILE_WIDTH);
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
    await this.#copyUpperTiles();
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

  async #copyUpperTiles(): Promise<void> {
    for (let level = 1; tileWidthAt(level, 0, this.#head.size) > 0; level++) {
      const first = Math.floor(this.#from / TILE_WIDTH ** (level + 1));
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

async function readWithheld(folder: MirrorFolder): Promise<readonly number[]> {
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
async function removeOldPartials(folder: MirrorFolder, from: number, size: number): Promise<void> {
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
