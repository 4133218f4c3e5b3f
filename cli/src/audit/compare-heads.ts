/** Whether signed heads of one log are of one tree; what shows that they are not is a proof that others can check. */
import { TileHashReader, treeRoot } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { AuthenticTiles } from '../log-source/authentic-tiles.ts';
import { compareTrees } from '../log-source/compare-trees.ts';
import type { LogSource } from '../log-source/log-source.ts';
import type { TreeHead } from '../log-source/signed-head.ts';
import type { Pinned } from '../pinned.ts';
import { proveFork } from '../write-misbehaviour.ts';
import { nativePrimitives, nativeSha256 } from './native-primitives.ts';

export type SizedHead = TreeHead & { readonly origin: string; readonly checkpoint: string };

export type ComparedHeads =
  | { readonly relation: 'consistent' }
  /** `proof` is the text of a proof of misbehaviour. */
  | { readonly relation: 'fork'; readonly proof: string }
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
    const compared = await compareTrees(older, newer, tilesOf(newer, source), nativeSha256);
    if (compared.relation === 'consistent') return compared;
    if (pinned.logKeys.length === 0) {
      return { relation: 'unknown', why: 'no key of the log was given, so neither head is known to be its own' };
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
    return { root: await treeRoot(size, new TileHashReader(of.size, tilesOf(of, source), nativeSha256), nativeSha256) };
  } catch (error) {
    return { why: servedWrongly(error) };
  }
}

function tilesOf(of: TreeHead, source: LogSource): AuthenticTiles {
  const read = ({ level, index, width }: { level: number; index: number; width: number }) =>
    source.tile(level, index, width);
  return new AuthenticTiles(of, { origin: { name: source.name, read } }, nativeSha256);
}

function head({ checkpoint }: SizedHead): { readonly checkpoint: string } {
  return { checkpoint };
}

function servedWrongly(error: unknown): string {
  if (error instanceof CommandFailure && error.kind === 'log_misbehaves') return error.message;
  throw error;
}
