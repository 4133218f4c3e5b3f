/** Logs of one tree whose checkpoints a witness is sent, the same ones in every process: their keys are made from their numbers. */
import { createHash, createPrivateKey } from 'node:crypto';
import { formatOfferOf, proofOf } from '../test-support/src/offers.ts';
import { createTestLog, type TestLog } from '../test-support/src/receipts.ts';
import { formatCheckpoint, leafHash, MemoryTree, utf8Encode } from '../verifier/src/index.ts';

/** As large as a log of some months; from one round to the next it grows by a few entries. */
const FIRST_SIZE = 100_000;
const GROWTH = 7;

export function createWitnessedLogs(count: number): readonly TestLog[] {
  return Array.from({ length: count }, (_, i) => {
    const seed = createHash('sha256').update(`bench ${i}`).digest();
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    return createTestLog({ origin: `log.bench.localhost/${i}`, privateKey });
  });
}

/** The size of the tree in a round. */
export function sizeIn(round: number): number {
  return round < 0 ? 0 : FIRST_SIZE + round * GROWTH;
}

/**
 * The bodies of `add-checkpoint`, round by round, in each one for each log. With more logs than connections none of them has to
 * wait for the one before of its log.
 */
export function offersOf(logs: readonly TestLog[], from: number, rounds: number): readonly string[] {
  const tree = new MemoryTree();
  while (tree.size < sizeIn(from + rounds)) tree.append(leafHash(utf8Encode(String(tree.size))));
  return Array.from({ length: rounds }, (_, i) => {
    const [old, size] = [sizeIn(from + i - 1), sizeIn(from + i)];
    const proof = proofOf(tree, old, size);
    const root = tree.root(size);
    return logs.map((log) =>
      formatOfferOf(old, proof, log.signNote(formatCheckpoint({ origin: log.origin, size, root }))),
    );
  }).flat();
}
