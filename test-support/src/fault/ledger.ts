import { readReceipt } from './plain-formats.ts';

/** A record that the log said it holds, with every receipt that it handed out for it. */
export type Acknowledged = {
  /** `sha256:<hex>` of the statement that was sent. */
  readonly digest: string;
  readonly index: number;
  readonly entry: string;
  readonly receipts: string[];
  /** How many answers were 201. */
  created: number;
};

/**
 * What a log's clients know together: everything that was acknowledged, and every checkpoint that any process ever handed
 * out. It lives in the test, so nothing that happens to the log can make it forget.
 */
export class Ledger {
  /** By statement digest. */
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Statements for which some attempt got no answer: their outcome was unknown for a while. */
  readonly uncertain = new Set<string>();
  /** Signed notes, each with the process that was first seen to hand it out. */
  readonly checkpoints = new Map<string, string>();
  /** What the log said that can't all be true. */
  readonly contradictions: string[] = [];
  /** Of the checkpoints seen so far. */
  newestSize = 0;

  /** An append of this statement was answered 201 (`created`) or 200, with this receipt, by this process. */
  acknowledge(digest: string, created: boolean, receipt: string, from: string): void {
    const { index, entry, checkpoint } = readReceipt(receipt);
    this.seeCheckpoint(checkpoint, from);
    const known = this.acknowledged.get(digest);
    if (known === undefined) {
      this.acknowledged.set(digest, { digest, index, entry, receipts: [receipt], created: created ? 1 : 0 });
      return;
    }
    if (known.index !== index || known.entry !== entry) {
      this.contradictions.push(`${digest} was acknowledged at index ${known.index}, and by ${from} at ${index}`);
    }
    if (created) known.created++;
    known.receipts.push(receipt);
  }

  /** An append of this statement was not answered, or the answer did not say that nothing was stored. */
  lose(digest: string): void {
    this.uncertain.add(digest);
  }

  /** Returns the size that the checkpoint states; its signature is for the auditor. */
  seeCheckpoint(note: string, from: string): number {
    const size = Number(note.split('\n')[1]);
    if (!Number.isSafeInteger(size)) throw new Error(`${from} handed out something that is no checkpoint:\n${note}`);
    if (!this.checkpoints.has(note)) this.checkpoints.set(note, from);
    this.newestSize = Math.max(this.newestSize, size);
    return size;
  }
}
