import { equalBytes, formatEntryAround, type Primitives, parseEntry } from '@assent/verifier';
import type { Admission } from './admission/admission.ts';
import type { AppendRights } from './admission/append-rights.ts';
import { type Examined, examine } from './admission/examine.ts';
import type { Metrics } from './metrics.ts';
import { Problem } from './problems.ts';
import type { Published, Publisher } from './publisher/publisher.ts';
import type { Sequenced, Sequencer } from './sequencer/sequencer.ts';
import { apiKeyNumber } from './store/appended-by.ts';
import { type TileCache, TreeReader } from './tree/tree-reader.ts';

export type AppendOutcome = { readonly created: boolean; readonly index: number; readonly receipt: string };

/** What an append reads from the log that it extends. */
export type AppendedLog = {
  /** An entry's bytes. */
  entry(index: number): Promise<Uint8Array>;
  /** The receipt of an entry, against a signed head that covers it. */
  receiptAt(index: number): Promise<string>;
  /** The receipt of an entry whose bytes and head are at hand. */
  receiptUnder(published: Published, index: number, entry: Uint8Array): Promise<string>;
};

export type AppenderParts = {
  readonly origin: string;
  readonly admission: Admission;
  readonly sequencer: Sequencer;
  readonly publisher: Publisher;
  readonly cache: TileCache;
  readonly metrics: Metrics;
  readonly primitives: Primitives;
};

/** How long an append waits for its place, and then for its signed head, in ms. */
const WAIT_MS = 10_000;

/** Takes submissions into the log. Every method throws a Problem for what a caller can be told. */
export class Appender {
  private readonly parts: AppenderParts;
  private readonly log: AppendedLog;

  constructor(parts: AppenderParts, log: AppendedLog) {
    this.parts = parts;
    this.log = log;
  }

  /**
   * Appends a submission (the parsed body of `POST /api/v1/entries`) and returns its receipt once a signed head covers
   * it. Safe to repeat: the same again returns the entry that is there.
   */
  async append(submission: unknown, rights: AppendRights): Promise<AppendOutcome> {
    const { origin, primitives } = this.parts;
    this.refuseIfStopped();
    return this.store(await examine(submission, origin, rights, primitives), rights);
  }

  /** The same from the body's bytes. */
  async appendBody(body: Uint8Array, rights: AppendRights): Promise<AppendOutcome> {
    this.refuseIfStopped();
    return this.store(await this.parts.admission.examine(body, rights), rights);
  }

  private refuseIfStopped(): void {
    const { stopReason } = this.parts.publisher;
    if (stopReason !== undefined) throw new Problem('read_only', stopReason, { retryAfter: 300 });
  }

  private async store(examined: Examined, { keyId }: AppendRights): Promise<AppendOutcome> {
    const { sequencer, publisher } = this.parts;
    const { bytes, content, kind, intent } = examined;
    const statement = Buffer.from(examined.statement, 'hex');
    const identity = Buffer.from(examined.identity, 'hex');
    // Canonical JSON is well-formed, so Buffer's encoder, which would replace what is not, changes nothing.
    const format = (loggedAt: number): Uint8Array => Buffer.from(formatEntryAround(content, kind, loggedAt, intent));
    const result = await inTime(
      sequencer.append({
        statement,
        identity,
        apiKey: keyId === undefined ? null : apiKeyNumber(keyId),
        bytes,
        format,
      }),
      'The database did not answer in time, so whether the record is stored is not known. Send it again: it is stored once.',
    );
    if (!('taken' in result)) {
      const { index, entry } = result;
      const published = await inTime(
        publisher.waitFor(index + 1),
        'The record is stored, but its tree head is not signed yet. Ask for its receipt, or send it again.',
      );
      await this.confirm(result, published);
      return { created: true, index, receipt: await this.log.receiptUnder(published, index, entry) };
    }
    const index = result.taken;
    const entry = await this.log.entry(index);
    const stored = parseEntry(entry);
    if (!stored.ok || !equalBytes(entry, format(stored.value.loggedAt))) {
      const message = `Entry ${index} already has the identity ${examined.service}/${examined.id} or this statement, with other content, signatures or visibility. An approval is logged once.`;
      throw new Problem('identity_conflict', message, { index });
    }
    this.parts.metrics.appended('existing');
    return { created: false, index, receipt: await this.log.receiptAt(index) };
  }

  /**
   * The signed tree must hold the new entry where the database said that it is. It does not if an older copy was put in
   * the database's place under a running server: the copy's chain took the entry, at an index that was signed before.
   */
  private async confirm({ index, leafHash }: Sequenced, published: Published): Promise<void> {
    const { publisher, cache } = this.parts;
    const [leaf] = await new TreeReader(published.edge, cache).readHashes([{ level: 0, index }]);
    if (equalBytes(leaf!, leafHash)) return;
    publisher.stop(
      `The database stored a new entry at index ${index}, where this log has signed another one: an older copy was put in its place. Stop the server and give it the database that holds all ${published.head.size} entries (the newest backup, the old primary).`,
    );
    throw new Problem('read_only', publisher.stopReason!, { retryAfter: 300 });
  }
}

/** An append is answered in any case: a database that is stalled, not gone, would hold the caller for as long. */
async function inTime<T>(waiting: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Problem('not_durable', message, { retryAfter: 2 })), WAIT_MS);
  });
  try {
    return await Promise.race([waiting, late]);
  } finally {
    clearTimeout(timer);
  }
}
