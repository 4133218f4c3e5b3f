import {
  equalBytes,
  formatEntryAround,
  formatReceipt,
  formatTlogProof,
  hexDecode,
  type Primitives,
  parseDecimal,
  parseEntry,
  proveInclusion,
  utf8Encode,
} from '@assent/verifier';
import type { Admission } from './admission/admission.ts';
import { type AppendRights, type Examined, examine } from './admission/examine.ts';
import type { Database } from './database/connect.ts';
import { Problem } from './problems.ts';
import type { Published, Publisher } from './publisher/publisher.ts';
import type { Sequenced, Sequencer } from './sequencer/sequencer.ts';
import { findLeaf, findRecord, readEntries } from './store/entries.ts';
import { type TileCache, TreeReader } from './tree/tree-reader.ts';

/** A tree head with its signed checkpoint; `timestamp` in ms since the epoch. */
export type SignedHead = {
  readonly seq: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly timestamp: number;
  readonly checkpoint: string;
};

export type AppendOutcome = { readonly created: boolean; readonly index: number; readonly receipt: string };

export type LogParts = {
  readonly origin: string;
  readonly vkey: string;
  readonly database: Database;
  readonly admission: Admission;
  readonly sequencer: Sequencer;
  readonly publisher: Publisher;
  readonly cache: TileCache;
  readonly primitives: Primitives;
};

/** How long an append waits for its place, and then for its signed head, in ms. */
const WAIT_MS = 10_000;

/** The log as HTTP, pages and the demo use it. Every method throws a Problem for what a caller can be told. */
export class Log {
  readonly origin: string;
  readonly vkey: string;

  private readonly parts: LogParts;

  constructor(parts: LogParts) {
    this.parts = parts;
    this.origin = parts.origin;
    this.vkey = parts.vkey;
  }

  /** Why the log is read-only, or undefined. */
  get stopReason(): string | undefined {
    return this.parts.publisher.stopReason;
  }

  /** The newest signed head; never older than one that any process handed out before this was called. */
  async head(): Promise<SignedHead> {
    const { head, checkpoint } = await this.parts.publisher.refresh();
    return { ...head, checkpoint };
  }

  /**
   * Appends a submission (the parsed body of `POST /api/v1/entries`) and returns its receipt once a signed head covers
   * it. Safe to repeat: the same again returns the entry that is there.
   */
  async append(submission: unknown, rights: AppendRights): Promise<AppendOutcome> {
    const { origin, primitives } = this.parts;
    this.refuseIfStopped();
    return this.store(await examine(submission, origin, rights, primitives));
  }

  /** The same from the body's bytes. */
  async appendBody(body: Uint8Array, rights: AppendRights): Promise<AppendOutcome> {
    this.refuseIfStopped();
    return this.store(await this.parts.admission.examine(body, rights));
  }

  private refuseIfStopped(): void {
    const { stopReason } = this.parts.publisher;
    if (stopReason !== undefined) throw new Problem('read_only', stopReason, { retryAfter: 300 });
  }

  private async store(examined: Examined): Promise<AppendOutcome> {
    const { sequencer, publisher } = this.parts;
    const { bytes, content, kind, intent } = examined;
    const statement = Buffer.from(examined.statement, 'hex');
    const identity = Buffer.from(examined.identity, 'hex');
    // Canonical JSON is well-formed, so Buffer's encoder, which would replace what is not, changes nothing.
    const format = (loggedAt: number): Uint8Array => Buffer.from(formatEntryAround(content, kind, loggedAt, intent));
    const result = await inTime(
      sequencer.append({ statement, identity, bytes, format }),
      'The database did not answer in time, so whether the record is stored is not known. Send it again: it is stored once.',
    );
    if (!('taken' in result)) {
      const published = await inTime(
        publisher.waitFor(result.index + 1),
        'The record is stored, but its tree head is not signed yet. Ask for its receipt, or send it again.',
      );
      await this.confirm(result, published);
      return { created: true, index: result.index, receipt: await this.format(result.index, result.entry, published) };
    }
    const index = result.taken;
    const entry = await this.entry(index);
    const stored = parseEntry(entry);
    if (!stored.ok || !equalBytes(entry, format(stored.value.loggedAt))) {
      const message = `Entry ${index} already has the identity ${examined.service}/${examined.id} or this statement, with other content, signatures or visibility. An approval is logged once.`;
      throw new Problem('identity_conflict', message, { index });
    }
    return { created: false, index, receipt: await this.receiptAt(index) };
  }

  /** An entry's bytes. */
  async entry(index: number): Promise<Uint8Array> {
    const [entry] = await this.entries(index, index + 1);
    return entry!;
  }

  /** The entries from `first` to before `end`, each the leaf that the signed tree has in its place. */
  async entries(first: number, end: number): Promise<Uint8Array[]> {
    if (end <= first) return [];
    const leaves = await this.reader(await this.covering(end - 1)).readHashes(
      Array.from({ length: end - first }, (_, i) => ({ level: 0, index: first + i })),
    );
    return readEntries(this.parts.database.kysely, first, leaves, this.parts.primitives.sha256);
  }

  /** The receipt of an entry: `<index>`, `sha256:<hex>` of its leaf or its statement, or `service/id`. */
  async receipt(query: string): Promise<string> {
    return this.receiptAt(await this.find(query));
  }

  /** The index of an entry, from any of its names. */
  async find(query: string): Promise<number> {
    const { kysely } = this.parts.database;
    const index = parseDecimal(query);
    if (index.ok) return index.value;
    if (query.startsWith('sha256:')) {
      const digest = hexDecode(query.slice(7));
      if (!digest.ok || digest.value.length !== 32) {
        throw new Problem('invalid_parameter', 'A digest is "sha256:" and 64 lower-case hexadecimal digits.');
      }
      const found = (await findRecord(kysely, 'statement', digest.value)) ?? (await findLeaf(kysely, digest.value));
      if (found === undefined) throw new Problem('not_found', 'No entry here has this leaf hash or statement digest.');
      return found;
    }
    const parts = query.split('/');
    if (parts.length !== 2 || parts.some((part) => !/^[A-Za-z0-9._:@+-]{1,128}$/.test(part))) {
      throw new Problem('invalid_parameter', 'Ask by index, by "sha256:<hex>", or by service/id.');
    }
    const identity = this.parts.primitives.sha256(utf8Encode(parts.join('\0')));
    const found = await findRecord(kysely, 'identity', identity);
    if (found === undefined) throw new Problem('not_found', `No entry here has the identity ${query}.`);
    return found;
  }

  /** A tile's hashes of the signed tree, or undefined when it has no such tile. */
  async tile(level: number, index: number, width: number): Promise<Uint8Array | undefined> {
    const held = this.parts.publisher.current;
    const hashes = held && (await this.reader(held).readTile(level, index, width));
    return hashes ?? this.reader(await this.parts.publisher.refresh()).readTile(level, index, width);
  }

  /** A signed head that covers the entry. */
  async covering(index: number): Promise<Published> {
    const { publisher } = this.parts;
    const held = publisher.current;
    if (held !== undefined && index < held.head.size) return held;
    // Another process may have appended it.
    const published = await publisher.refresh();
    if (index < published.head.size) return published;
    throw new Problem('not_found', `There is no entry ${index}: the log has ${published.head.size} entries.`);
  }

  /**
   * The signed tree must hold the new entry where the database said that it is. It does not if an older copy was put in
   * the database's place under a running server: the copy's chain took the entry, at an index that was signed before.
   */
  private async confirm({ index, leafHash }: Sequenced, published: Published): Promise<void> {
    const [leaf] = await this.reader(published).readHashes([{ level: 0, index }]);
    if (equalBytes(leaf!, leafHash)) return;
    const { publisher } = this.parts;
    publisher.stop(
      `The database stored a new entry at index ${index}, where this log has signed another one: an older copy was put in its place. Stop the server and give it the database that holds all ${published.head.size} entries (the newest backup, the old primary).`,
    );
    throw new Problem('read_only', publisher.stopReason!, { retryAfter: 300 });
  }

  private async receiptAt(index: number): Promise<string> {
    const published = await this.covering(index);
    return this.format(index, await this.entry(index), published);
  }

  private async format(index: number, entry: Uint8Array, published: Published): Promise<string> {
    const { sha256 } = this.parts.primitives;
    const proof = await proveInclusion(index, published.head.size, this.reader(published), sha256);
    return formatReceipt({ entry, proof: formatTlogProof({ index, proof, checkpoint: published.checkpoint }) });
  }

  private reader(published: Published): TreeReader {
    return new TreeReader(published.edge, this.parts.cache);
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
