/**
 * A log as static files (https://c2sp.org/tlog-tiles), for any web server to hand out and for mirrors to copy:
 *
 *     checkpoint, tile/<L>/<N>[.p/<W>], tile/entries/<N>[.p/<W>]
 *
 * A bundle that holds a withheld entry is left out; its other entries stand at api/v1/entries/<index>, as the log itself
 * serves them, and withheld.json lists what is missing.
 */
import {
  equalBytes,
  formatBundle,
  formatBundlePath,
  formatTilePath,
  HASH_SIZE,
  partialTiles,
  type Sha256,
  TILE_WIDTH,
} from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { readEntries, readLeafHashes } from '../store/entries.ts';
import { listWithheld } from '../store/withheld.ts';
import { TreeEdge } from '../tree/tree-edge.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';
import type { Progress } from './progress.ts';
import { openCheckpoint, type SignedCheckpoint, type SigningIdentity } from './signed-checkpoint.ts';
import type { StaticFolder } from './static-folder.ts';
import { verifyExport } from './verify-export.ts';

export type ExportOptions = {
  readonly kysely: Kysely<Schema>;
  readonly folder: StaticFolder;
  readonly log: SigningIdentity;
  /** The database's tree was compared with it. */
  readonly checkpoint: SignedCheckpoint;
  /** Read back bundles of earlier runs as well. */
  readonly checkAll: boolean;
  readonly sha256: Sha256;
  readonly progress: Progress;
};

export type Exported = {
  readonly size: number;
  readonly from: number;
  readonly files: number;
  readonly withheld: readonly number[];
};

export const WITHHELD_FILE = 'withheld.json';
const OURS = new Set(['checkpoint', 'tile', 'api', WITHHELD_FILE]);

/**
 * Adds what is new since the last run; the checkpoint comes last, after everything that it covers was read back from the
 * files and gives its root. A run that ends half-way leaves the copy as it was, and the next one goes on.
 *
 * Throws {MaintenanceFailure} `refused` for a folder that holds something else, or is newer.
 */
export async function exportLog(options: ExportOptions): Promise<Exported> {
  const { kysely, folder, checkpoint, checkAll, sha256, progress } = options;
  const before = await openFolder(options);
  const { size } = checkpoint;
  const withheld = (await listWithheld(kysely)).map(({ index }) => index).filter((index) => index < size);
  let files = 0;
  const write = async (name: string, content: Uint8Array | string): Promise<void> => {
    await folder.write(name, content);
    files++;
  };
  const isThere = await presence(folder);

  let edge = TreeEdge.empty(sha256);
  for await (const hashes of readLeafHashes(kysely, 0, size, TILE_WIDTH)) {
    const first = edge.size;
    const grown = edge.extend(hashes);
    edge = grown.edge;
    for (const { level, index, nodes } of grown.fullTiles) {
      const name = formatTilePath({ level, index, width: TILE_WIDTH });
      if (!(await isThere(name))) await write(name, nodes.hashes());
    }
    const width = hashes.length / HASH_SIZE;
    const bundle = formatBundlePath(first / TILE_WIDTH, width);
    const hidden = withheld.filter((index) => index >= first && index < first + width);
    if (hidden.length > 0) {
      await folder.remove(formatBundlePath(first / TILE_WIDTH, TILE_WIDTH));
      await folder.remove(partialFolder(formatBundlePath(first / TILE_WIDTH, 1)));
      for (const index of hidden) await folder.remove(entryPath(index));
    }
    if (hidden.length > 0 || !(await isThere(bundle))) {
      const leaves = split(hashes);
      for (const [name, content] of await entryFiles(kysely, first, leaves, hidden, bundle, sha256)) {
        if (!(await isThere(name))) await write(name, content);
      }
    }
    progress.show(first + width, size);
  }
  for (const { level, index, width } of partialTiles(size)) {
    await write(formatTilePath({ level, index, width }), edge.tile(level, index)!.hashes(width));
  }
  if (withheld.length > 0)
    await write(WITHHELD_FILE, `${JSON.stringify({ type: 'assent/withheld/v1', entries: withheld })}\n`);
  else await folder.remove(WITHHELD_FILE);
  await folder.sync();

  await verifyExport(folder, checkpoint, { withheld, bundlesFrom: checkAll ? 0 : (before?.size ?? 0) }, sha256);
  await write('checkpoint', checkpoint.note);
  await folder.sync();
  await removeOldPartials(folder, before?.size ?? 0, size);
  return { size, from: before?.size ?? 0, files, withheld };
}

/** The checkpoint of the copy that is there; undefined for a new one. */
async function openFolder({
  folder,
  log,
  checkpoint,
  kysely,
  sha256,
}: ExportOptions): Promise<SignedCheckpoint | undefined> {
  const strange = (await folder.list()).find((name) => !OURS.has(name));
  if (strange !== undefined) {
    throw new MaintenanceFailure(
      'refused',
      `${folder.root} holds something else ("${strange}"): give an empty folder, or one that "export" made.`,
    );
  }
  const note = await folder.read('checkpoint');
  if (note === undefined) return undefined;
  const before = await openCheckpoint(Buffer.from(note).toString('utf8'), log, `${folder.root}/checkpoint`);
  if (before.size > checkpoint.size) {
    throw new MaintenanceFailure(
      'refused',
      `${folder.root} holds ${before.size} entries already, and this checkpoint covers ${checkpoint.size}: a copy never goes back. If the database lacks entries, see "assent-log recover".`,
    );
  }
  let edge = TreeEdge.empty(sha256);
  for await (const hashes of readLeafHashes(kysely, 0, before.size)) edge = edge.extend(hashes).edge;
  if (!equalBytes(edge.root(), before.root)) {
    throw new MaintenanceFailure(
      'refused',
      `${folder.root} holds a checkpoint of size ${before.size} that this database does not contain: it is a copy of another history.`,
    );
  }
  return before;
}

/** The bundle, or in place of one that may not be published the entries of it that may. */
async function entryFiles(
  kysely: Kysely<Schema>,
  first: number,
  leaves: readonly Uint8Array[],
  hidden: readonly number[],
  bundle: string,
  sha256: Sha256,
): Promise<(readonly [string, Uint8Array])[]> {
  if (hidden.length === 0) return [[bundle, formatBundle(await readEntries(kysely, first, leaves, sha256))]];
  const files: (readonly [string, Uint8Array])[] = [];
  for (const [i, leaf] of leaves.entries()) {
    if (hidden.includes(first + i)) continue;
    const [entry] = await readEntries(kysely, first + i, [leaf], sha256);
    files.push([entryPath(first + i), entry!]);
  }
  return files;
}

/** Where one entry stands in a copy whose bundle is not published. */
export function entryPath(index: number): string {
  return `api/v1/entries/${index}`;
}

/** Files never change, so what is there stays; a folder is listed once. */
async function presence(folder: StaticFolder): Promise<(name: string) => Promise<boolean>> {
  let listed: { readonly folder: string; readonly names: ReadonlySet<string> } | undefined;
  return async (name) => {
    const at = name.lastIndexOf('/');
    const parent = name.slice(0, at);
    if (listed?.folder !== parent) listed = { folder: parent, names: new Set(await folder.list(parent)) };
    return listed.names.has(name.slice(at + 1));
  };
}

/** Of tiles that are full now, and of the newest ones all but those of this run's and the last run's checkpoint. */
async function removeOldPartials(folder: StaticFolder, from: number, size: number): Promise<void> {
  const now = partialTiles(size);
  for (const old of partialTiles(from)) {
    const newer = now.find(({ level, index }) => level === old.level && index === old.index);
    const names = [formatTilePath({ ...old, width: 1 }), ...(old.level === 0 ? [formatBundlePath(old.index, 1)] : [])];
    for (const name of names.map(partialFolder)) {
      if (newer === undefined) await folder.remove(name);
      else {
        const kept = new Set([String(old.width), String(newer.width)]);
        for (const width of await folder.list(name)) if (!kept.has(width)) await folder.remove(`${name}/${width}`);
      }
    }
  }
}

function partialFolder(name: string): string {
  return name.slice(0, name.lastIndexOf('/'));
}

function split(hashes: Uint8Array): Uint8Array[] {
  return Array.from({ length: hashes.length / HASH_SIZE }, (_, i) =>
    hashes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE),
  );
}
