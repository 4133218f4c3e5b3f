/** Where a witness keeps the proof that a log signed two trees of one size: `forks/<origin hash>.misbehaviour.json` in its state. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { formatMisbehaviour } from '@assent/verifier';
import { createWhole } from '../files/create-whole.ts';
import { fileFailure } from '../files/file-failure.ts';
import { type Cosigned, originHash } from './witness-state.ts';

/**
 * One proof for each log, its first: it proves all there is to prove, and a log that signs a thousand forks can't fill the disk.
 *
 * @param offered the other checkpoint of that size, with the log's signature. @returns the file, undefined if it was there already.
 */
export async function keepFork(folder: string, cosigned: Cosigned, offered: string): Promise<string | undefined> {
  const forks = path.join(folder, 'forks');
  await mkdir(forks, { mode: 0o700, recursive: true }).catch((error: unknown) => {
    throw fileFailure('file_unwritable', 'make', forks, error);
  });
  const { origin, checkpoint } = cosigned;
  const file = path.join(forks, `${originHash(origin)}.misbehaviour.json`);
  const proof = formatMisbehaviour({ origin, older: { checkpoint }, newer: { checkpoint: offered } });
  return (await createWhole(file, proof)) ? file : undefined;
}
