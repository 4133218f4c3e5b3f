import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  formatBundlePath,
  MAX_ENTRY_SIZE,
  parseBundle,
  parseCheckpoint,
  parseNote,
  TILE_WIDTH,
  tileWidthAt,
} from '@assent/verifier';
import type { EntrySource } from './entry-source.ts';
import { entryPath } from './export-log.ts';
import { fetchBytes } from './fetch-bytes.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';
import { openCheckpoint, type SignedCheckpoint, type SigningIdentity } from './signed-checkpoint.ts';

type Read = (name: string, most: number) => Promise<Uint8Array | undefined>;

const MAX_BUNDLE = TILE_WIDTH * (MAX_ENTRY_SIZE + 2);
const MAX_CHECKPOINT = 1_000_000;

/** A copy of the log as static files (tlog-tiles): a folder that `export` made, or a mirror's or a log's address. */
export async function openMirror(location: string, log: SigningIdentity): Promise<EntrySource> {
  const read = isAddress(location) ? fromAddress(location) : fromFolder(location);
  const bytes = await read('checkpoint', MAX_CHECKPOINT);
  if (bytes === undefined) {
    throw new MaintenanceFailure(
      'unreachable',
      `${location} has no checkpoint: it is no copy of a log, or not a whole one.`,
    );
  }
  const { size, signed } = await openNote(Buffer.from(bytes).toString('utf8'), log, location);
  let last: { readonly index: number; readonly entries: readonly Uint8Array[] | undefined } | undefined;

  const bundle = async (index: number): Promise<readonly Uint8Array[] | undefined> => {
    if (last?.index === index) return last.entries;
    const width = tileWidthAt(0, index, size);
    // A partial bundle may be gone once the full one is there.
    const content =
      (await read(formatBundlePath(index, width), MAX_BUNDLE)) ??
      (width === TILE_WIDTH ? undefined : await read(formatBundlePath(index, TILE_WIDTH), MAX_BUNDLE));
    const parsed = content && parseBundle(content);
    if (parsed !== undefined && !parsed.ok) {
      throw new MaintenanceFailure('refused', `${location}/${formatBundlePath(index, width)}: ${parsed.detail}.`);
    }
    last = { index, entries: parsed?.value };
    return last.entries;
  };

  return {
    name: location,
    checkpoints: signed === undefined ? [] : [signed],
    async entries(first, end) {
      const found: (Uint8Array | undefined)[] = [];
      for (let index = first; index < end; index++) {
        if (index >= size) found.push(undefined);
        else {
          const entries = await bundle(Math.floor(index / TILE_WIDTH));
          // Without the bundle, as where it holds a withheld entry, the others may stand one by one.
          found.push(
            entries === undefined ? await read(entryPath(index), MAX_ENTRY_SIZE) : entries[index % TILE_WIDTH],
          );
        }
      }
      return found;
    },
    close: async () => undefined,
  };
}

/**
 * The copy's size, and its checkpoint if a key that this database knows signed it. One that was signed after a rotation
 * which the database has lost still says how large the copy is.
 */
async function openNote(
  note: string,
  log: SigningIdentity,
  location: string,
): Promise<{ size: number; signed: SignedCheckpoint | undefined }> {
  const parsed = parseNote(note);
  const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
  if (!checkpoint.ok) throw new MaintenanceFailure('refused', `${location}/checkpoint: ${checkpoint.detail}.`);
  if (checkpoint.value.origin !== log.origin) {
    throw new MaintenanceFailure(
      'refused',
      `${location} is a copy of ${checkpoint.value.origin}, not of ${log.origin}.`,
    );
  }
  const signed = await openCheckpoint(note, log, location).catch((error: unknown) => {
    if (error instanceof MaintenanceFailure) return undefined;
    throw error;
  });
  return { size: checkpoint.value.size, signed };
}

export function isAddress(text: string): boolean {
  return /^https?:\/\//.test(text);
}

function fromAddress(address: string): Read {
  const base = address.endsWith('/') ? address : `${address}/`;
  return (name, most) => fetchBytes(new URL(name, base).href, most);
}

function fromFolder(folder: string): Read {
  return async (name) => {
    try {
      return await readFile(path.join(folder, name));
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
        return undefined;
      throw error;
    }
  };
}
