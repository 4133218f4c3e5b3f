import { formatReceipt, formatTlogProof, hexDecode, parseDecimal, proveInclusion, utf8Encode } from '@assent/verifier';
import type { AppendRights } from './admission/examine.ts';
import { Appender, type AppenderParts, type AppendOutcome } from './appender.ts';
import type { Database } from './database/connect.ts';
import { Problem } from './problems.ts';
import type { Published } from './publisher/publisher.ts';
import { findLeaf, findRecord, readEntries } from './store/entries.ts';
import { TreeReader } from './tree/tree-reader.ts';

/** A tree head with its signed checkpoint; `timestamp` in ms since the epoch. */
export type SignedHead = {
  readonly seq: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly timestamp: number;
  readonly checkpoint: string;
};

export type LogParts = AppenderParts & {
  readonly vkey: string;
  readonly database: Database;
};

/** The log as HTTP, pages and the demo use it. Every method throws a Problem for what a caller can be told. */
export class Log {
  readonly origin: string;
  readonly vkey: string;

  private readonly parts: LogParts;
  private readonly appender: Appender;

  constructor(parts: LogParts) {
    this.parts = parts;
    this.appender = new Appender(parts, this);
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

  /** Appends a submission that is parsed already: see {@link Appender.append}. */
  append(submission: unknown, rights: AppendRights): Promise<AppendOutcome> {
    return this.appender.append(submission, rights);
  }

  /** The same from the body's bytes. */
  appendBody(body: Uint8Array, rights: AppendRights): Promise<AppendOutcome> {
    return this.appender.appendBody(body, rights);
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

  /** The receipt of the entry at an index. */
  async receiptAt(index: number): Promise<string> {
    const published = await this.covering(index);
    return this.receiptUnder(published, index, await this.entry(index));
  }

  /** The receipt of an entry whose bytes are at hand, against a head that covers it. */
  async receiptUnder(published: Published, index: number, entry: Uint8Array): Promise<string> {
    const { sha256 } = this.parts.primitives;
    const proof = await proveInclusion(index, published.head.size, this.reader(published), sha256);
    return formatReceipt({ entry, proof: formatTlogProof({ index, proof, checkpoint: published.checkpoint }) });
  }

  private reader(published: Published): TreeReader {
    return new TreeReader(published.edge, this.parts.cache);
  }
}
