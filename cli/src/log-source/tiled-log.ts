/**
 * A log in the layout of https://c2sp.org/tlog-tiles: `checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`.
 *
 * Beyond that: a log that has to withhold an entry answers 451 for its bundle, and static copies leave the bundle out and list the
 * entry in `withheld.json`. Then the bundle's other entries stand at `api/v1/entries/<index>`. And `api/v1/log` may hold the
 * newest checkpoint that its witnesses have cosigned.
 */
import {
  formatBundlePath,
  formatTilePath,
  HASH_SIZE,
  MAX_ENTRY_SIZE,
  parseBundle,
  parseJson,
  TILE_WIDTH,
  utf8Decode,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { isObject } from '../http/problem.ts';
import type { LogSource } from './log-source.ts';
import type { NoFile, StaticFiles } from './static-files.ts';

/** The limit of signed notes. */
const MAX_CHECKPOINT = 1_000_000;
const MAX_ABOUT = 2 * MAX_CHECKPOINT;
const MAX_BUNDLE = TILE_WIDTH * (2 + MAX_ENTRY_SIZE);
const MAX_WITHHELD = 16 * 1024 * 1024;

export const WITHHELD_FILE = 'withheld.json';
export const WITHHELD_TYPE = 'assent/withheld/v1';

/** Where one entry stands whose bundle is not handed out. */
export function entryPath(index: number): string {
  return `api/v1/entries/${index}`;
}

export class TiledLog implements LogSource {
  readonly name: string;
  readonly #files: StaticFiles;

  constructor(files: StaticFiles) {
    this.name = files.name;
    this.#files = files;
  }

  async checkpoint(): Promise<string> {
    const bytes = await this.#files.read('checkpoint', MAX_CHECKPOINT);
    if (typeof bytes === 'string') {
      throw new CommandFailure('not_found', `${this.name} has no checkpoint: it is no log, or not a whole copy of one`);
    }
    const text = utf8Decode(bytes);
    if (text.ok) return text.value;
    throw new CommandFailure(
      'answer_malformed',
      `the checkpoint of ${this.name} is no text: is it the address of a log?`,
    );
  }

  async witnessedCheckpoint(): Promise<string | undefined> {
    const bytes = await this.#files.read('api/v1/log', MAX_ABOUT);
    const json = typeof bytes === 'string' ? undefined : parseJson(bytes);
    const { witnesses } = json?.ok && isObject(json.value) ? json.value : {};
    const { witnessed } = isObject(witnesses) ? witnesses : {};
    const { checkpoint } = isObject(witnessed) ? witnessed : {};
    return typeof checkpoint === 'string' ? checkpoint : undefined;
  }

  async tile(level: number, index: number, width: number): Promise<Uint8Array> {
    const path = formatTilePath({ level, index, width });
    const bytes = await this.#files.read(path, TILE_WIDTH * HASH_SIZE);
    if (typeof bytes !== 'string') return this.#exactly(bytes, path, width);
    const full = formatTilePath({ level, index, width: TILE_WIDTH });
    const whole = width === TILE_WIDTH ? 'absent' : await this.#files.read(full, TILE_WIDTH * HASH_SIZE);
    if (typeof whole === 'string') throw this.#misbehaves(path, 'it is missing');
    return this.#exactly(whole, full, TILE_WIDTH).subarray(0, width * HASH_SIZE);
  }

  async bundle(index: number, width: number): Promise<readonly (Uint8Array | undefined)[]> {
    const path = formatBundlePath(index, width);
    const bytes = await this.#files.read(path, MAX_BUNDLE);
    if (typeof bytes !== 'string') return this.#entries(bytes, path, width);
    const full = formatBundlePath(index, TILE_WIDTH);
    const whole = width === TILE_WIDTH ? bytes : await this.#files.read(full, MAX_BUNDLE);
    if (typeof whole !== 'string') return this.#entries(whole, full, TILE_WIDTH).slice(0, width);
    await this.#refuseMissing(path, index, width, [bytes, whole]);
    const first = index * TILE_WIDTH;
    return Promise.all(Array.from({ length: width }, (_, i) => this.#entry(first + i)));
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  async #entry(index: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#files.read(entryPath(index), MAX_ENTRY_SIZE);
    return typeof bytes === 'string' ? undefined : bytes;
  }

  #exactly(bytes: Uint8Array, path: string, width: number): Uint8Array {
    if (bytes.length === width * HASH_SIZE) return bytes;
    throw this.#misbehaves(path, `it has ${bytes.length} bytes instead of ${width * HASH_SIZE}`);
  }

  #entries(bytes: Uint8Array, path: string, width: number): readonly Uint8Array[] {
    const bundle = parseBundle(bytes, width);
    if (bundle.ok) return bundle.value;
    throw this.#misbehaves(path, `${bundle.detail} (${bundle.code})`);
  }

  /** A bundle that is gone without a word is missing, and no log may lose entries; one that is withheld is said to be. */
  async #refuseMissing(path: string, index: number, width: number, answers: readonly NoFile[]): Promise<void> {
    if (answers.includes('withheld')) return;
    const first = index * TILE_WIDTH;
    // A full bundle may stand in for this one, and may be withheld for an entry further on.
    const listed = await this.#listed();
    if (Array.from({ length: TILE_WIDTH }, (_, i) => first + i).some((entry) => listed.has(entry))) return;
    throw this.#misbehaves(path, `it is missing, and entries ${first} to ${first + width - 1} with it`);
  }

  /** Read again each time: there are few such bundles, and the list may grow. */
  async #listed(): Promise<ReadonlySet<number>> {
    const bytes = await this.#files.read(WITHHELD_FILE, MAX_WITHHELD);
    if (typeof bytes === 'string') return new Set();
    const json = parseJson(bytes, { maxBytes: MAX_WITHHELD });
    const { type, entries } = json.ok && isObject(json.value) ? json.value : {};
    if (type !== WITHHELD_TYPE || !Array.isArray(entries))
      throw this.#misbehaves(WITHHELD_FILE, `it is no ${WITHHELD_TYPE}`);
    return new Set(entries.filter((entry) => typeof entry === 'number'));
  }

  #misbehaves(path: string, why: string): CommandFailure {
    return new CommandFailure('log_misbehaves', `${this.name}: ${path}: ${why}`);
  }
}
