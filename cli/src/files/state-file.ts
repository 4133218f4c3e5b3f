/**
 * What a command remembers from one run to the next: one JSON document whose `type` names its kind and version, for one process
 * at a time, and whole whenever the process or the machine stops.
 *
 *     { "type": "assent/audit-state/v1", … }
 */
import path from 'node:path';
import { type Json, type JsonObject, parseJson } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { isObject } from '../http/problem.ts';
import { fileFailure } from './file-failure.ts';
import type { HolderOptions } from './holder.ts';
import { type Lock, lock } from './lock.ts';
import { readInput } from './read-input.ts';
import { replaceWhole } from './replace-whole.ts';
import { syncFolder } from './sync-folder.ts';

const MAX_BYTES = 256 * 1024 * 1024;
const TYPE = /^(assent\/[a-z-]+\/v)([1-9][0-9]*)$/;

export type StateFormat<T> = {
  /** Such as `assent/audit-state/v1`. */
  readonly type: string;
  /** Undefined for what this type never says. `document` has that type. */
  readonly parse: (document: JsonObject) => T | undefined;
  /** Without `type`. */
  readonly format: (state: T) => JsonObject;
};

export class StateFile<T> {
  readonly path: string;
  readonly #format: StateFormat<T>;
  readonly #lock: Lock;
  #state: T | undefined;
  #saving: Promise<void> = Promise.resolve();

  private constructor(file: string, format: StateFormat<T>, held: Lock, state: T | undefined) {
    this.path = file;
    this.#format = format;
    this.#lock = held;
    this.#state = state;
  }

  /**
   * Takes the file, there or not, until {@link close}. Throws CommandFailure: `in_use`; `state_newer` for one that a newer version
   * wrote; `file_malformed` for anything else that is no such state, which is never overwritten.
   */
  static async open<T>(file: string, format: StateFormat<T>, options?: HolderOptions): Promise<StateFile<T>> {
    const held = await lock(file, options);
    try {
      return new StateFile(file, format, held, await readState(file, format));
    } catch (error) {
      await held.release();
      throw error;
    }
  }

  /** As it was read or saved last; undefined before the first time. */
  get state(): T | undefined {
    return this.#state;
  }

  /** Resolves when it would survive a crash of the machine. One that fails leaves what was there. `in_use`: another process has it. */
  save(state: T): Promise<void> {
    const text = `${JSON.stringify({ type: this.#format.type, ...this.#format.format(state) })}\n`;
    const saved = this.#saving.then(() => this.#write(text));
    // The next one may fit on the disk again; who asked for this one hears of it.
    this.#saving = saved.catch(() => undefined);
    return saved.then(() => {
      this.#state = state;
    });
  }

  async close(): Promise<void> {
    await this.#saving;
    await this.#lock.release();
  }

  async #write(text: string): Promise<void> {
    await this.#lock.assertHeld();
    try {
      await replaceWhole(this.path, text, 0o600);
      await syncFolder(path.dirname(this.path));
    } catch (error) {
      throw fileFailure('file_unwritable', 'write', this.path, error);
    }
  }
}

async function readState<T>(file: string, { type, parse }: StateFormat<T>): Promise<T | undefined> {
  const json = await readDocument(file);
  if (json === undefined) return undefined;
  const found = isObject(json) ? json.type : undefined;
  if (typeof found === 'string' && isNewer(found, type)) {
    throw new CommandFailure(
      'state_newer',
      `${file} was written by a newer version of assent (${found}): use that one`,
    );
  }
  const state = isObject(json) && found === type ? parse(json) : undefined;
  if (state !== undefined) return state;
  throw new CommandFailure('file_malformed', `${file} is not a ${type}, and was left as it is: choose another name`);
}

async function readDocument(file: string): Promise<Json | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readInput(file, MAX_BYTES);
  } catch (error) {
    if (error instanceof CommandFailure && isAbsent(error.cause)) return undefined;
    throw error;
  }
  const json = parseJson(bytes, { maxBytes: MAX_BYTES });
  if (json.ok) return json.value;
  throw new CommandFailure(
    'file_malformed',
    `${file} is damaged, and was left as it is: ${json.detail} (${json.code})`,
  );
}

/** Whether `found` is a newer version of the type `known`. */
export function isNewer(found: string, known: string): boolean {
  const [, name, version] = TYPE.exec(found) ?? [];
  const [, ownName, ownVersion] = TYPE.exec(known) ?? [];
  return name !== undefined && name === ownName && Number(version) > Number(ownVersion);
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
