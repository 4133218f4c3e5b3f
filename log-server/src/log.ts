import { hexDecode, parseDecimal, type TrustRoot, utf8Encode } from '@assent/verifier';
import type { Logger } from 'pino';
import { type AppendRights, mayAppend, mayAppendForeign, type Visibility } from './admission/append-rights.ts';
import type { PayloadRule } from './admission/payload-types.ts';
import { trustRootIdentity } from './admission/trust-root-identity.ts';
import type { AppendOutcome, Receipted, Wait } from './append-outcome.ts';
import { Appender, type AppenderParts } from './appender.ts';
import { CtLog } from './ct-log.ts';
import type { Database } from './database/connect.ts';
import { EventHub } from './events/event-hub.ts';
import { type Growth, GrowthReader } from './growth.ts';
import type { LogIdentity } from './log-identity.ts';
import { PastHeads } from './past-heads.ts';
import { Problem } from './problems.ts';
import { Proofs } from './proofs.ts';
import type { CheckpointCompleter } from './publisher/checkpoint-completer.ts';
import type { SignedTreeHeads } from './publisher/signed-tree-heads.ts';
import { Receipts } from './receipts.ts';
import { Search } from './search/search.ts';
import { SignedTree } from './signed-tree.ts';
import { findLeaf, findRecord } from './store/entries.ts';
import type { TileCache } from './tree/tile-cache.ts';
import type { WithheldEntries } from './withheld-entries.ts';
import type { Witnessing } from './witness/witnessing.ts';

/** A tree head with its signed checkpoint, and the cosignatures that this has so far; `timestamp` in ms since the epoch. */
export type SignedHead = {
  readonly seq: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly timestamp: number;
  readonly checkpoint: string;
};

export type LogParts = AppenderParts & {
  readonly cache: TileCache;
  /** As of a head, by its number; without one as of the newest change. */
  readonly identityAt: (seq?: number) => LogIdentity;
  readonly completer: CheckpointCompleter;
  readonly database: Database;
  readonly treeHeads: SignedTreeHeads;
  readonly withheld: WithheldEntries;
  readonly logger: Logger;
  /** Of submissions that name none, where their API key doesn't either. */
  readonly defaultVisibility: Visibility;
  readonly witnessing: Witnessing;
};

/** The log as HTTP, pages and the demo use it. Every method throws a Problem for what a caller can be told. */
export class Log {
  readonly origin: string;
  readonly defaultVisibility: Visibility;
  readonly payloads: PayloadRule;
  readonly tree: SignedTree;
  readonly receipts: Receipts;
  readonly proofs: Proofs;
  readonly ct: CtLog;
  readonly search: Search;
  readonly witnessing: Witnessing;
  readonly events: EventHub;

  private readonly parts: LogParts;
  private readonly appender: Appender;
  private readonly growthReader: GrowthReader;

  constructor(parts: LogParts) {
    this.parts = parts;
    const { publisher, cache, withheld, primitives } = parts;
    const { kysely } = parts.database;
    const { sha256 } = primitives;
    this.tree = new SignedTree({ database: parts.database, publisher, cache, withheld, sha256 });
    this.witnessing = parts.witnessing;
    const past = new PastHeads({ kysely, tree: this.tree, publisher, sha256 });
    this.receipts = new Receipts({ ...parts, tree: this.tree, past, sha256 });
    this.proofs = new Proofs(this.tree, sha256);
    this.ct = new CtLog({ kysely, tree: this.tree, treeHeads: parts.treeHeads, sha256 });
    this.search = new Search({ kysely, tree: this.tree, sha256 });
    this.events = new EventHub({ publisher, tree: this.tree, logger: parts.logger });
    this.growthReader = new GrowthReader({ kysely, tree: this.tree });
    this.appender = new Appender(parts, this.tree, this.receipts);
    this.origin = parts.origin;
    this.defaultVisibility = parts.defaultVisibility;
    this.payloads = parts.payloads;
  }

  /** Why the log is read-only, or undefined. */
  get stopReason(): string | undefined {
    return this.parts.publisher.stopReason;
  }

  /** The vkey of the key that signs; during a rotation that of the older one. */
  get vkey(): string {
    return this.parts.identityAt().vkeys[0]!;
  }

  /** Which keys sign, and whether the log has ended, as of a head (its number). */
  identityAt(seq: number): LogIdentity {
    return this.parts.identityAt(seq);
  }

  /** An earlier checkpoint of this log with the lines of the keys that sign now: see {@link CheckpointCompleter}. */
  async completeCheckpoint(checkpoint: string): Promise<string> {
    const { completer, publisher } = this.parts;
    return completer.complete(checkpoint, publisher.current ?? (await publisher.refresh()));
  }

  /** The newest signed head; never older than one that any process handed out before this was called. */
  async head(): Promise<SignedHead> {
    const published = await this.parts.publisher.refresh();
    const { head } = published;
    return { ...head, checkpoint: this.witnessing.withCosignatures(head.size, published.checkpoint) };
  }

  /** Appends a submission that is parsed already: see {@link Appender.append}. The receipt is its text. */
  async append(
    submission: unknown,
    rights: AppendRights,
  ): Promise<Omit<Receipted, 'receiptText'> & { receipt: string }> {
    const { created, index, receiptText } = await this.appender.append(submission, rights);
    return { created, index, receipt: Buffer.from(receiptText, 'latin1').toString() };
  }

  /** The same from the body's bytes. */
  appendBody(body: Uint8Array, rights: AppendRights, wait: Wait = 'signed'): Promise<AppendOutcome> {
    return this.appender.appendBody(body, rights, wait);
  }

  /** The same of many: see {@link Appender.appendBodies}. */
  appendBodies(
    bodies: readonly Uint8Array[],
    rights: AppendRights,
    wait: Wait = 'signed',
  ): Promise<(AppendOutcome | Problem)[]> {
    return this.appender.appendBodies(bodies, rights, wait);
  }

  /** Appends a consumption, from the body's bytes: see {@link Appender.consume}. */
  consume(body: Uint8Array, rights: AppendRights, wait: Wait = 'signed'): Promise<AppendOutcome> {
    return this.appender.consume(body, rights, wait);
  }

  /** An entry's bytes. */
  entry(index: number): Promise<Uint8Array> {
    return this.tree.entry(index);
  }

  /** The entries from `first` to before `end`, each the leaf that the signed tree has in its place. */
  entries(first: number, end: number): Promise<Uint8Array[]> {
    return this.tree.entries(first, end);
  }

  /** The same for lists: an entry that is withheld is undefined. */
  readableEntries(first: number, end: number): Promise<(Uint8Array | undefined)[]> {
    return this.tree.readableEntries(first, end);
  }

  /** The receipt of an entry: `<index>`, `sha256:<hex>` of its leaf or its statement, or `service/id`. */
  async receipt(query: string, rights?: AppendRights): Promise<string> {
    return Buffer.from(await this.receipts.at(await this.find(query, rights))).toString();
  }

  /**
   * The index of an entry, from any of its names. A sealed entry has its index and leaf hash as public names; by statement
   * or identity only those find it who may append it, or anyone could try out whom it is about.
   */
  async find(query: string, rights?: AppendRights): Promise<number> {
    const { kysely } = this.parts.database;
    const index = parseDecimal(query);
    if (index.ok) return index.value;
    if (query.startsWith('sha256:')) {
      const digest = hexDecode(query.slice(7));
      if (!digest.ok || digest.value.length !== 32) {
        throw new Problem('invalid_parameter', 'A digest is "sha256:" and 64 lower-case hexadecimal digits.');
      }
      const found = (await this.findBy('statement', digest.value, rights)) ?? (await findLeaf(kysely, digest.value));
      if (found === undefined) throw new Problem('not_found', 'No entry here has this leaf hash or statement digest.');
      return found;
    }
    const parts = query.split('/');
    if (parts.length !== 2 || parts.some((part) => !/^[A-Za-z0-9._:@+-]{1,128}$/.test(part))) {
      throw new Problem('invalid_parameter', 'Ask by index, by "sha256:<hex>", or by service/id.');
    }
    const identity = this.parts.primitives.sha256(utf8Encode(parts.join('\0')));
    const found = await this.findBy('identity', identity, rights);
    if (found === undefined) throw new Problem('not_found', `No entry here has the identity ${query}.`);
    return found;
  }

  /** The index of the version that follows this one of a trust root; `digest` is this one's, `sha256:<hex>`. */
  async findNextTrustRoot(digest: string, { version, ...trustRoot }: TrustRoot): Promise<number | undefined> {
    const { sha256 } = this.parts.primitives;
    const identity = trustRootIdentity(digest, { ...trustRoot, version: version + 1, previous: digest }, { sha256 });
    return this.findBy('identity', Buffer.from(identity, 'hex'), undefined);
  }

  /** How the log grew, for people to look at. */
  growth(): Promise<Growth> {
    return this.growthReader.read();
  }

  private async findBy(
    by: 'statement' | 'identity',
    digest: Uint8Array,
    rights: AppendRights | undefined,
  ): Promise<number | undefined> {
    const found = await findRecord(this.parts.database.kysely, by, digest);
    if (found === undefined || found.toldTo === undefined) return undefined;
    if (found.toldTo === 'public') return found.index;
    const { service } = found.toldTo;
    if (rights === undefined) return undefined;
    return (service === null ? mayAppendForeign(rights) : mayAppend(rights, service)) ? found.index : undefined;
  }
}
