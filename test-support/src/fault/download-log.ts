import { type HttpAnswer, httpRequest } from './http-request.ts';
import { openCheckpoint, type PlainCheckpoint, readBundle, tilePath } from './plain-formats.ts';

export type DownloadedLog = {
  readonly checkpoint: PlainCheckpoint;
  /** The signed note. */
  readonly note: string;
  readonly entries: readonly Buffer[];
  readonly tiles: readonly DownloadedTile[];
};

export type DownloadedTile = {
  readonly level: number;
  readonly index: number;
  readonly width: number;
  readonly hashes: Buffer;
};

/** Everything that a log serves to a stranger under its newest checkpoint: all entry bundles and all tiles. */
export async function downloadLog(url: string, vkey: string): Promise<DownloadedLog> {
  const note = (await get(`${url}/checkpoint`)).toString('utf8');
  const checkpoint = openCheckpoint(note, vkey);
  const entries: Buffer[] = [];
  for (const { index, width } of tilesOf(checkpoint.size)) {
    const bundle = readBundle(await get(url + tilePath('entries', index, width)));
    if (bundle.length !== width) throw new Error(`bundle ${index} has ${bundle.length} entries instead of ${width}`);
    entries.push(...bundle);
  }
  const tiles: DownloadedTile[] = [];
  for (let level = 0, hashes = checkpoint.size; hashes > 0; level++, hashes = Math.floor(hashes / 256)) {
    for (const { index, width } of tilesOf(hashes)) {
      const served = await get(url + tilePath(String(level), index, width));
      tiles.push({ level, index, width, hashes: served });
    }
  }
  return { checkpoint, note, entries, tiles };
}

/** Full tiles of 256, and the one that is not full. */
function tilesOf(count: number): { index: number; width: number }[] {
  return Array.from({ length: Math.ceil(count / 256) }, (_, index) => ({
    index,
    width: Math.min(256, count - index * 256),
  }));
}

async function get(url: string): Promise<Buffer> {
  const answer: HttpAnswer = await httpRequest({ url });
  if (answer.status === 200) return answer.body;
  throw new Error(`GET ${url} answered ${answer.status}: ${answer.body.toString('utf8').slice(0, 1000)}`);
}
