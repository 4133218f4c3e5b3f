import { readFile } from 'node:fs/promises';
import { type Checkpoint, formatVkey, parseCheckpoint, parseNote, parseVkey, verifyNote } from '@assent/verifier';
import { nativePrimitives } from '../native-primitives.ts';
import { fetchBytes } from './fetch-bytes.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';

/** A checkpoint that one of the log's own keys signed. */
export type SignedCheckpoint = Checkpoint & {
  /** The whole note, cosignatures included. */
  readonly note: string;
};

/** Who signs a log's heads: raw Ed25519 public keys, every one that ever did. */
export type SigningIdentity = { readonly origin: string; readonly publicKeys: readonly Uint8Array[] };

const MAX_BYTES = 1_000_000;

/** The text of a checkpoint, from a file or an http(s) address. Throws {MaintenanceFailure} `unreachable`. */
export async function readCheckpointText(source: string): Promise<string> {
  if (/^https?:\/\//.test(source)) {
    const bytes = await fetchBytes(source, MAX_BYTES);
    if (bytes === undefined) throw new MaintenanceFailure('unreachable', `There is no checkpoint at ${source}.`);
    return Buffer.from(bytes).toString('utf8');
  }
  try {
    return await readFile(source, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new MaintenanceFailure('unreachable', `The checkpoint ${source} can't be read (${why}).`);
  }
}

/**
 * Believes a checkpoint only if it names this log and one of its keys signed it. Throws {MaintenanceFailure} `refused`.
 *
 * @param source for the message
 */
export async function openCheckpoint(note: string, log: SigningIdentity, source: string): Promise<SignedCheckpoint> {
  const { sha256 } = nativePrimitives;
  const keys = log.publicKeys.map((key) => parseVkey(formatVkey(log.origin, key, sha256), sha256));
  const verifiers = keys.flatMap((key) => (key.ok ? [key.value] : []));
  const parsed = parseNote(note);
  const verified = parsed.ok ? await verifyNote(parsed.value, verifiers, nativePrimitives) : parsed;
  if (!parsed.ok || !verified.ok) {
    const why = parsed.ok ? verified : parsed;
    throw new MaintenanceFailure('refused', `${source} is no checkpoint of ${log.origin}: ${describe(why)}.`);
  }
  const checkpoint = parseCheckpoint(parsed.value.text);
  if (!checkpoint.ok) throw new MaintenanceFailure('refused', `${source}: ${checkpoint.detail}.`);
  if (checkpoint.value.origin !== log.origin) {
    throw new MaintenanceFailure(
      'refused',
      `${source} is a checkpoint of ${checkpoint.value.origin}, not ${log.origin}.`,
    );
  }
  return { ...checkpoint.value, note };
}

function describe(failure: { readonly ok: boolean; readonly detail?: string }): string {
  return failure.detail ?? 'it does not verify';
}
