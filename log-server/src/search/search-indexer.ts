import { setTimeout as sleep } from 'node:timers/promises';
import { type Sha256, TILE_WIDTH } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Schema } from '../database/schema.ts';
import type { Publisher } from '../publisher/publisher.ts';
import { readStored } from '../read-stored.ts';
import type { SignedTree } from '../signed-tree.ts';
import { indexedBundles, insertBundleTerms } from '../store/search-terms.ts';
import { readFacts } from './entry-facts.ts';
import { bundleTerms } from './search-terms.ts';

export type SearchIndexerParts = {
  readonly kysely: Kysely<Schema>;
  readonly tree: SignedTree;
  readonly publisher: Publisher;
  readonly sha256: Sha256;
  readonly logger: Logger;
};

/** It rests this many times as long as a bundle took: a third of a connection while the log is quiet, a twentieth else. */
const REST_QUIET = 2;
const REST_BUSY = 20;
const MIN_REST_MS = 5;
/** Entries a second from which the log is busy. */
const BUSY_RATE = 200;
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

/**
 * Writes what searches narrow entries down with, a full and signed bundle of 256 entries at a time, long after the append:
 * appends pay nothing for it, and wait for nothing. A search reads what is not indexed yet by itself, so this may be as
 * late as it likes. Several processes may run it on one log: each bundle is stored once.
 *
 * It starts from what the database says, so a log from before there was an index, and a restart, are no special cases.
 */
export class SearchIndexer {
  private readonly parts: SearchIndexerParts;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private wake: () => void = () => undefined;
  private unsubscribe: () => void = () => undefined;

  constructor(parts: SearchIndexerParts) {
    this.parts = parts;
  }

  start(): void {
    this.unsubscribe = this.parts.publisher.subscribe(() => this.wake());
    this.running ??= this.run();
  }

  /** Resolves when nothing of it is under way any more. */
  async close(): Promise<void> {
    this.stopping.abort();
    this.unsubscribe();
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    let retryMs = RETRY_MS;
    while (!this.stopping.signal.aborted) {
      try {
        const done = await this.catchUp();
        retryMs = RETRY_MS;
        await this.moreThan(done);
      } catch (error) {
        // One line for an outage, not one for each try: searches work without the index.
        if (retryMs === RETRY_MS) this.parts.logger.warn({ err: error }, 'the search index waits');
        await this.rest(retryMs);
        retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
      }
    }
  }

  /** Resolves with how many bundles are indexed, when those are all that are full. */
  private async catchUp(): Promise<number> {
    for (;;) {
      const bundle = await indexedBundles(this.parts.kysely);
      if (bundle >= this.fullBundles || this.stopping.signal.aborted) return bundle;
      const began = performance.now();
      const size = this.size;
      await this.index(bundle);
      const ms = performance.now() - began;
      const factor = ((this.size - size) / ms) * 1000 > BUSY_RATE ? REST_BUSY : REST_QUIET;
      await this.rest(Math.max(MIN_REST_MS, ms * factor));
    }
  }

  private async index(bundle: number): Promise<void> {
    const { kysely, tree, sha256 } = this.parts;
    const first = bundle * TILE_WIDTH;
    const entries = await readStored(tree, first, first + TILE_WIDTH);
    const facts = entries.map((entry) => entry && readFacts(entry));
    await insertBundleTerms(kysely, bundle, bundleTerms(facts, sha256));
  }

  /** Signed entries: what is not signed may yet turn out not to be in the log. */
  private get size(): number {
    return this.parts.publisher.current?.head.size ?? 0;
  }

  private get fullBundles(): number {
    return Math.floor(this.size / TILE_WIDTH);
  }

  /** Resolves when a signed head has more full bundles than this, or at the end. */
  private async moreThan(bundles: number): Promise<void> {
    while (this.fullBundles <= bundles && !this.stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private async rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}
