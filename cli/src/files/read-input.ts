import { createReadStream } from 'node:fs';
import { type Failure, type Json, parseJson } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { fileFailure } from './file-failure.ts';

/**
 * The bytes of a file, or of stdin for `-`; of longer ones the first `limit` + 1, so that the one who judges them sees that
 * they are too many, and /dev/zero costs no more than a receipt.
 */
export async function readInput(path: string, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const stream: AsyncIterable<Uint8Array> = path === '-' ? process.stdin : createReadStream(path, { end: limit });
    for await (const chunk of stream) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) break;
    }
  } catch (error) {
    throw fileFailure('file_unreadable', 'read', path === '-' ? 'standard input' : path, error);
  }
  return Buffer.concat(chunks).subarray(0, limit + 1);
}

/** A JSON document that its owner hands in: strict, as what is read in two ways must not be signed. */
export async function readJsonInput(path: string, what: string, limit: number): Promise<Json> {
  const json = parseJson(await readInput(path, limit), { maxBytes: limit });
  if (json.ok) return json.value;
  throw notStrict(what, path, json);
}

export function notStrict(what: string, path: string, { code, detail }: Failure): CommandFailure {
  return new CommandFailure('file_malformed', `${path} (${what}) is not strict JSON: ${detail} (${code})`);
}

/** Standard input can be read once. */
export function refuseStdinTwice(...paths: readonly (string | undefined)[]): void {
  if (paths.filter((path) => path === '-').length > 1) {
    throw new CommandFailure(
      'usage',
      '"-" was given twice, and standard input can be read once: put one of them in a file',
    );
  }
}
