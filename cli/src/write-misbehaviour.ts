import { type Primitives, parseVkey } from '@assent/verifier';
import { proveMisbehaviour } from '@assent/verifier/misbehaviour';
import { CommandFailure } from './failure.ts';
import { createWhole } from './files/create-whole.ts';
import type { SignedHead } from './log-source/signed-head.ts';
import type { Pinned } from './pinned.ts';

export type Fork = {
  readonly older: SignedHead;
  readonly newer: SignedHead;
  /** As `compareTrees` found it. */
  readonly proof: readonly Uint8Array[];
  readonly fromRoot?: Uint8Array;
};

/**
 * Writes the proof of misbehaviour, which anybody can check who has the log's key. One that is there already is kept: one is enough.
 *
 * @returns where it is, or why it could not be written, in words: that the log is caught matters more than the file
 */
export async function writeMisbehaviour(
  file: string,
  { older, newer, proof, fromRoot }: Fork,
  { logKeys }: Pinned,
  primitives: Primitives,
): Promise<string> {
  const own = logKeys.filter((vkey) => {
    const key = parseVkey(vkey);
    return key.ok && key.value.name === newer.origin;
  });
  const heads = { older: { checkpoint: older.checkpoint }, newer: { checkpoint: newer.checkpoint } };
  const text = await proveMisbehaviour({ ...heads, proof, fromRoot }, { logKeys: own, primitives });
  if (!text.ok) throw new Error(`a fork that was found is not one: ${text.detail} (${text.code})`);
  try {
    const isNew = await createWhole(file, text.value);
    return isNew ? `The proof is in ${file}: show it to others.` : `There is a proof already, in ${file}.`;
  } catch (error) {
    if (error instanceof CommandFailure) return `The proof could not be kept: ${error.message}.`;
    throw error;
  }
}
