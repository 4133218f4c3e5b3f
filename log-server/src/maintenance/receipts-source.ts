import { readFile } from 'node:fs/promises';
import { checkInclusion, leafHash, parseReceipt, parseTlogProof, utf8Encode } from '@assent/verifier';
import { nativeSha256 } from '../native-primitives.ts';
import type { EntrySource } from './entry-source.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';
import { openCheckpoint, type SignedCheckpoint, type SigningIdentity } from './signed-checkpoint.ts';

/** Receipts that people kept: each carries its entry, its index, and the proof that the log signed it there. */
export async function openReceipts(files: readonly string[], log: SigningIdentity): Promise<EntrySource> {
  const held = new Map<number, Uint8Array>();
  let newest: SignedCheckpoint | undefined;
  for (const file of files) {
    const { index, entry, checkpoint } = await readReceipt(file, log);
    held.set(index, entry);
    if (newest === undefined || checkpoint.size > newest.size) newest = checkpoint;
  }
  return {
    name: files.length === 1 ? files[0]! : `${files.length} receipts`,
    checkpoints: newest === undefined ? [] : [newest],
    entries: async (first, end) => Array.from({ length: end - first }, (_, i) => held.get(first + i)),
    close: async () => undefined,
  };
}

async function readReceipt(
  file: string,
  log: SigningIdentity,
): Promise<{ index: number; entry: Uint8Array; checkpoint: SignedCheckpoint }> {
  const bytes = await readFile(file).catch((error: unknown) => {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new MaintenanceFailure('unreachable', `The receipt ${file} can't be read (${why}).`);
  });
  const receipt = parseReceipt(bytes);
  if (!receipt.ok) throw new MaintenanceFailure('refused', `${file} is no receipt: ${receipt.detail}.`);
  const proof = parseTlogProof(receipt.value.proof);
  if (!proof.ok) throw new MaintenanceFailure('refused', `${file}: ${proof.detail}.`);
  const checkpoint = await openCheckpoint(proof.value.checkpoint, log, file);
  const entry = utf8Encode(receipt.value.entry);
  const { index, proof: hashes } = proof.value;
  const leaf = leafHash(entry, nativeSha256);
  const included = checkInclusion(
    { index, size: checkpoint.size, leafHash: leaf, proof: hashes, root: checkpoint.root },
    nativeSha256,
  );
  if (!included.ok) throw new MaintenanceFailure('refused', `${file} does not verify: ${included.detail}.`);
  return { index, entry, checkpoint };
}
