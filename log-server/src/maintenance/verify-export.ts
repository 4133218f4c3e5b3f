import {
  equalBytes,
  formatBundlePath,
  formatTilePath,
  HASH_SIZE,
  hexEncode,
  leafHash,
  parseBundle,
  type Sha256,
  TILE_WIDTH,
  tileWidthAt,
} from '@assent/verifier';
import { TreeEdge } from '../tree/tree-edge.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';
import type { StaticFolder } from './static-folder.ts';

type Head = { readonly size: number; readonly root: Uint8Array };

/**
 * Reads a copy back as a stranger would, every tile and every bundle that may be published, and compares all of it with
 * the head. Throws {MaintenanceFailure} `refused` that names the first file that is wrong.
 *
 * @param withheld entries whose bundles are left out
 * @param bundlesFrom bundles of entries before this one were read back when they were written
 */
export async function verifyExport(
  folder: StaticFolder,
  head: Head,
  { withheld, bundlesFrom }: { readonly withheld: readonly number[]; readonly bundlesFrom: number },
  sha256: Sha256,
): Promise<void> {
  const read = async (name: string): Promise<Uint8Array> => {
    const content = await folder.read(name);
    if (content === undefined) throw wrong(folder, name, 'it is missing');
    return content;
  };
  let edge = TreeEdge.empty(sha256);
  const full: { level: number; index: number; hashes: Uint8Array }[] = [];
  const compare = async (level: number, index: number, hashes: Uint8Array): Promise<void> => {
    const name = formatTilePath({ level, index, width: hashes.length / HASH_SIZE });
    if (!equalBytes(await read(name), hashes)) throw wrong(folder, name, 'it is not what the tiles below it give');
  };
  for (let index = 0; index * TILE_WIDTH < head.size; index++) {
    const width = tileWidthAt(0, index, head.size);
    const name = formatTilePath({ level: 0, index, width });
    const hashes = await read(name);
    if (hashes.length !== width * HASH_SIZE) throw wrong(folder, name, `it has ${hashes.length} bytes`);
    const first = index * TILE_WIDTH;
    const isNew = first + width > bundlesFrom;
    if (isNew && !withheld.some((hidden) => hidden >= first && hidden < first + width)) {
      await verifyBundle(folder, await read(formatBundlePath(index, width)), index, hashes, sha256);
    }
    const grown = edge.extend(hashes);
    edge = grown.edge;
    for (const tile of grown.fullTiles) {
      if (tile.level > 0) full.push({ level: tile.level, index: tile.index, hashes: tile.nodes.hashes() });
    }
    for (const tile of full.splice(0)) await compare(tile.level, tile.index, tile.hashes);
  }
  for (let level = 1; Math.floor(head.size / TILE_WIDTH ** level) > 0; level++) {
    const index = Math.floor(head.size / TILE_WIDTH ** (level + 1));
    const partial = edge.tile(level, index);
    if (partial !== undefined && partial.width > 0) await compare(level, index, partial.hashes());
  }
  if (equalBytes(edge.root(), head.root)) return;
  throw new MaintenanceFailure(
    'refused',
    `The tiles in ${folder.root} give the root ${hexEncode(edge.root())} at size ${head.size}; the checkpoint says ${hexEncode(head.root)}. It was not published. Remove the folder and export again.`,
  );
}

async function verifyBundle(
  folder: StaticFolder,
  bytes: Uint8Array,
  index: number,
  hashes: Uint8Array,
  sha256: Sha256,
): Promise<void> {
  const width = hashes.length / HASH_SIZE;
  const name = formatBundlePath(index, width);
  const bundle = parseBundle(bytes, width);
  if (!bundle.ok) throw wrong(folder, name, bundle.detail);
  for (const [i, entry] of bundle.value.entries()) {
    const expected = hashes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE);
    if (!equalBytes(leafHash(entry, sha256), expected)) {
      throw wrong(folder, name, `entry ${index * TILE_WIDTH + i} does not have the hash that its tile says`);
    }
  }
}

function wrong(folder: StaticFolder, name: string, why: string): MaintenanceFailure {
  return new MaintenanceFailure(
    'refused',
    `${folder.root}/${name}: ${why}. Nothing was published. Remove that file and export again.`,
  );
}
