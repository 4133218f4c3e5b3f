import { createHash } from 'node:crypto';
import { hexEncode, type Primitives, utf8Encode } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Schema } from '../database/schema.ts';
import type { Publisher } from '../publisher/publisher.ts';
import { readEvidence, storeEvidence } from '../store/witnesses.ts';
import type { TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { judgeCheckpoint } from './fork-evidence.ts';
import type { LogKeys } from './log-keys.ts';
import type { WitnessClient } from './witness-client.ts';

export type ForkWatchOptions = {
  readonly origin: string;
  readonly logKeys: LogKeys;
  readonly kysely: Kysely<Schema>;
  readonly publisher: Publisher;
  readonly cache: TileCache;
  readonly primitives: Primitives;
  readonly logger: Logger;
  readonly now: () => number;
  readonly closing: AbortSignal;
};

/**
 * Looks whether a witness holds a checkpoint that this log signed and that its tree does not contain, and stops signing
 * then. The checkpoint goes into the database, so that every process of the log stops, and does after a restart.
 *
 * A witness shows its checkpoint only where it serves tlog-witness's monitoring interface under the address in the policy
 * file. Without it a 409 with a size beyond ours, or a 422, is a claim: the witness is asked again later, and counted.
 */
export class ForkWatch {
  private readonly settled = new Set<string>();
  private readonly originHash: string;
  private readonly options: ForkWatchOptions;

  constructor(options: ForkWatchOptions) {
    this.options = options;
    this.originHash = hexEncode(options.primitives.sha256(utf8Encode(options.origin)));
  }

  /**
   * Asks a witness for the checkpoint that it holds, and judges it. Resolves with false when there is nothing to judge:
   * the size that it claims is one that another process of this log has signed.
   */
  async isAtOdds(client: WitnessClient, claimedSize?: number): Promise<boolean> {
    const { publisher, logger, closing } = this.options;
    const { name } = client.witness;
    try {
      if (claimedSize !== undefined && (await publisher.refresh()).head.size >= claimedSize) return false;
      const checkpoint = await client.lastCheckpoint(this.originHash);
      if (checkpoint !== undefined) {
        await this.judge(checkpoint, `the witness ${name}`, () => publisher.refresh());
      }
    } catch (error) {
      if (publisher.stopReason === undefined && !closing.aborted) {
        logger.warn({ err: error, witness: name }, 'what a witness holds could not be judged');
      }
    }
    return true;
  }

  /** What another process, or this log before it was restarted, found. Judged anew: the right database settles it. */
  async checkEvidence(): Promise<void> {
    const { publisher } = this.options;
    for (const { digest, checkpoint, source } of await readEvidence(this.options.kysely)) {
      const key = hexEncode(digest);
      if (this.settled.has(key)) continue;
      await this.judge(checkpoint, source, () => publisher.refresh());
      this.settled.add(key);
    }
  }

  /** The same against a tree that is not signed yet, so that nothing is signed over evidence which is there already. */
  async checkEvidenceAgainst(state: TreeState): Promise<void> {
    for (const { checkpoint, source } of await readEvidence(this.options.kysely)) {
      await this.judge(checkpoint, source, async () => state);
    }
  }

  private async judge(checkpoint: string, source: string, newest: () => Promise<TreeState>): Promise<void> {
    const { logKeys } = this.options;
    const judged = await judgeCheckpoint(checkpoint, { ...this.options, logKeys: logKeys.known(), newest });
    if (typeof judged === 'object') await this.raiseAlarm(checkpoint, source, judged.conflict);
  }

  private async raiseAlarm(checkpoint: string, source: string, conflict: string): Promise<void> {
    const { kysely, publisher, logger, now } = this.options;
    publisher.stop(
      `This log's own key has signed a head that does not fit this database: ${source} holds a checkpoint ${conflict}. Signing on would fork the log. Stop every server of this log and find out where that head was signed (docs/operating.md, "A witness shows a fork").`,
    );
    const digest = createHash('sha256').update(checkpoint).digest();
    await storeEvidence(kysely, { digest, checkpoint, source }, now()).catch((error: unknown) => {
      logger.error({ err: error, checkpoint }, 'the evidence of a fork could not be stored');
    });
  }
}
