/** Whether signed heads of one log are of one tree; what shows that they are not is a proof that others can check. */
import { TileHashReader, treeRoot } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { tilesOfLog } from '../log-source/authentic-tiles.ts';
import { compareTrees } from '../log-source/compare-trees.ts';
import type { LogSource } from '../log-source/log-source.ts';
import type { TreeHead } from '../log-source/signed-head.ts';
import { otherSigners } from '../other-signers.ts';
import { type Pinned, withRetiredKeys } from '../pinned.ts';
import { proveFork } from '../write-misbehaviour.ts';
import { nativePrimitives, nativeSha256 } from './native-primitives.ts';

export type SizedHead = TreeHead & { readonly origin: string; readonly checkpoint: string };

export type ComparedHeads =
  | { readonly relation: 'consistent' }
  /** `proof` is the text of a proof of misbehaviour. */
  | { readonly relation: 'fork'; readonly proof: string }
  /** One of them is by a key that is not given any more, so others could not be shown. */
  | { readonly relation: 'fork'; readonly proof?: undefined; readonly why: string }
  /** What is served shows neither. */
  | { readonly relation: 'unknown'; readonly why: string };

/** By the tiles that are served for the larger tree. Throws CommandFailure of the network's kinds. */
export async function compareSignedHeads(
  older: SizedHead,
  newer: SizedHead,
  source: LogSource,
  pinned: Pinned,
): Promise<ComparedHeads> {
  try {
    const compared = await compareTrees(older, newer, tilesOfLog(source, newer, nativeSha256), nativeSha256);
    if (compared.relation === 'consistent') return compared;
    if (pinned.logKeys.length === 0) {
      return { relation: 'unknown', why: 'no key of the log was given, so neither head is known to be its own' };
    }
    const { logKeys } = withRetiredKeys(pinned);
    for (const { size, checkpoint } of [older, newer]) {
      const others = otherSigners(checkpoint, logKeys);
      if (others !== '') return { relation: 'fork', why: `the given key did not sign the head of ${size}${others}` };
    }
    const fork = { ...compared, origin: newer.origin, older: head(older), newer: head(newer) };
    return { relation: 'fork', proof: await proveFork(fork, pinned, nativePrimitives) };
  } catch (error) {
    return { relation: 'unknown', why: servedWrongly(error) };
  }
}

/** The root that the tree of a head had at a smaller size; why it can't be told where tiles are wrong. */
export async function rootAt(
  size: number,
  of: TreeHead,
  source: LogSource,
): Promise<{ readonly root: Uint8Array } | { readonly why: string }> {
  try {
    return {
      root: await treeRoot(
        size,
        new TileHashReader(of.size, tilesOfLog(source, of, nativeSha256), nativeSha256),
        nativeSha256,
      ),
    };
  } catch (error) {
    return { why: servedWrongly(error) };
  }
}

function head({ checkpoint }: SizedHead): { readonly checkpoint: string } {
  return { checkpoint };
}

function servedWrongly(error: unknown): string {
  if (error instanceof CommandFailure && error.kind === 'log_misbehaves') return error.message;
  throw error;
}
