import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Consumption, type JsonObject, parseConsumption, parseEnvelope, parseJson } from '@assent/verifier';

export type Attempt = { readonly envelope: JsonObject; readonly consumption: Consumption };

/**
 * What this job remembers of its attempt to use the approval up: the signed consumption, in a file, before the log hears of it, so
 * that the step can send the same again when it got no answer. Beside it, once, that the deployment was let run.
 */
export class AttemptFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The attempt that is there; undefined if there is none. Throws TypeError if it is something else. */
  read(): Attempt | undefined {
    const text = readIfThere(this.#path);
    if (text === undefined) return undefined;
    const json = parseJson(text);
    const envelope = json.ok ? parseEnvelope(json.value) : json;
    const consumption = envelope.ok ? parseConsumption(envelope.value.payload) : envelope;
    if (!consumption.ok) throw new TypeError(`${this.#path} holds no attempt: ${consumption.detail}`);
    // What was parsed as an envelope is an object.
    return { envelope: JSON.parse(text) as JsonObject, consumption: consumption.value };
  }

  /** Returns when it is durable. Throws TypeError if one is there. */
  write(envelope: JsonObject): void {
    if (!createDurably(this.#path, JSON.stringify(envelope))) throw new TypeError(`${this.#path} is there already`);
  }

  /** Whether this call is the one that lets the deployment run; false for ever after. */
  claim(): boolean {
    return createDurably(`${this.#path}.claimed`, '');
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whole or not at all. False if there is a file of that name. */
function createDurably(path: string, text: string): boolean {
  const unfinished = `${path}.${randomUUID()}`;
  writeFileSync(unfinished, text, { flag: 'wx', mode: 0o600, flush: true });
  try {
    // Unlike a rename, a link does not replace what is there.
    linkSync(unfinished, path);
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(unfinished);
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
  return true;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
