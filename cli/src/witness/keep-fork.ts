/** Where a witness keeps the proof that a log signed two trees of one size: `forks/<origin hash>.misbehaviour.json` in its state. */
import path from 'node:path';
import { formatMisbehaviour } from '@assent/verifier/misbehaviour';
import { CommandFailure } from '../failure.ts';
import { makeFolder } from '../files/make-folder.ts';
import { keepProof } from '../write-misbehaviour.ts';
import { type Cosigned, originHash } from './witness-state.ts';

/**
 * One proof for each log, its first: it proves all there is to prove, and a log that signs a thousand forks can't fill the disk.
 *
 * @param offered the other checkpoint of that size, with the log's signature. @returns what became of it, in words.
 */
export async function keepFork(folder: string, cosigned: Cosigned, offered: string): Promise<string> {
  const { origin, checkpoint } = cosigned;
  const forks = path.join(folder, 'forks');
  try {
    await makeFolder(forks, 0o700);
  } catch (error) {
    if (error instanceof CommandFailure) return `The proof could not be kept: ${error.message}.`;
    throw error;
  }
  const proof = formatMisbehaviour({ origin, older: { checkpoint }, newer: { checkpoint: offered } });
  return keepProof(path.join(forks, `${originHash(origin)}.misbehaviour.json`), proof);
}
