import { type Primitives, parseVkey } from '@assent/verifier';
import { proveMisbehaviour, type SignedHead } from '@assent/verifier/misbehaviour';
import { CommandFailure } from './failure.ts';
import { createWhole } from './files/create-whole.ts';
import { type Pinned, withRetiredKeys } from './pinned.ts';

export type Fork = {
  readonly origin: string;
  readonly older: SignedHead;
  readonly newer: SignedHead;
  /** As `compareTrees` found it. */
  readonly proof: readonly Uint8Array[];
  readonly fromRoot?: Uint8Array;
};

/** The text of a proof of misbehaviour, which anybody can check who has the log's key. */
export async function proveFork(
  { origin, older, newer, proof, fromRoot }: Fork,
  pinned: Pinned,
  primitives: Primitives,
): Promise<string> {
  const own = withRetiredKeys(pinned).logKeys.filter((vkey) => {
    const key = parseVkey(vkey);
    return key.ok && key.value.name === origin;
  });
  const text = await proveMisbehaviour({ older, newer, proof, fromRoot }, { logKeys: own, primitives });
  if (text.ok) return text.value;
  throw new Error(`a fork that was found is not one: ${text.detail} (${text.code})`);
}

/**
 * Writes a proof down. One that is there already is kept: one is enough.
 *
 * @returns where it is, or why it could not be written, in words: that the log is caught matters more than the file
 */
export async function keepProof(file: string, text: string): Promise<string> {
  try {
    const isNew = await createWhole(file, text);
    return isNew ? `The proof is in ${file}: show it to others.` : `There is a proof already, in ${file}.`;
  } catch (error) {
    if (error instanceof CommandFailure) return `The proof could not be kept: ${error.message}.`;
    throw error;
  }
}
