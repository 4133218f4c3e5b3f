/** What logs send to witnesses: bodies of `add-checkpoint` (https://c2sp.org/tlog-witness). */
import { randomBytes } from 'node:crypto';
import { base64Encode, consistencyNodes, foldRoot, leafHash, type MemoryTree } from '@assent/verifier';
import type { TestLog } from './receipts.ts';

/** Appends random leaves until the log has this size. */
export function growTo(log: TestLog, size: number): TestLog {
  while (log.tree.size < size) log.tree.append(leafHash(new Uint8Array(randomBytes(16))));
  return log;
}

/** As the specification says, for 0 ≤ from ≤ to: the tree of size `to`, proved from size `from`. */
export function formatOffer(log: TestLog, from: number, to: number): string {
  return formatOfferOf(from, proofOf(log.tree, from, to), log.checkpoint(to));
}

export function formatOfferOf(oldSize: number | string, proof: readonly Uint8Array[], checkpoint: string): string {
  return `old ${oldSize}\n${proof.map((hash) => `${base64Encode(hash)}\n`).join('')}\n${checkpoint}`;
}

/** The consistency proof between two sizes that the tree has had. */
export function proofOf(tree: MemoryTree, from: number, to: number): readonly Uint8Array[] {
  return consistencyNodes(from, to).map((nodes) => foldRoot(tree.hashes(nodes)));
}
