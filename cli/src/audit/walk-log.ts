/**
 * Reads every bundle and every tile of a log, several at once, has them judged, and puts the verdicts together in the order of the log:
 * tree, times, chains of trust roots, and what is remembered of each entry.
 */
import { equalBytes, HASH_SIZE, hexEncode, TILE_WIDTH, tileWidthAt } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { createLimit } from '../limit.ts';
import type { LogSource } from '../log-source/log-source.ts';
import { readAhead } from '../monitor/read-ahead.ts';
import type { AuditProgress } from './audit-state.ts';
import type { AuditFiles } from './audit-store.ts';
import { type BundleVerdict, type Dispute, type LoggedTrustRoot, packEntries } from './bundle-job.ts';
import { timeBackwards } from './bundle-judge.ts';
import { ByteRoom } from './byte-room.ts';
import { Counters } from './counters.ts';
import { type Finding, Findings, MOST_FINDINGS } from './findings.ts';
import { Growth } from './growth.ts';
import { type ComputedTile, TreeWalk } from './tree-walk.ts';
import type { TrustRootChains } from './trust-root-chains.ts';
import type { BundlePool } from './worker-pool.ts';

/** Bundles that are under way, waiting for their turn included. */
const MOST_BUNDLES = 48;
/** Of them, those that are being fetched, each with its tile. */
const MOST_FETCHES = 4;
/** Bytes of entries that may be held: a bundle can have 16 MB, and who is to come next is not known before. */
const MOST_BYTES = 32 * 1024 * 1024;

/** A root that the tree has to have at a size. */
export type ExpectedRoot = { readonly size: number; readonly root: Uint8Array };

export type WalkParts = {
  readonly source: LogSource;
  readonly pool: BundlePool;
  readonly files: AuditFiles;
  readonly chains: TrustRootChains;
  /** Entries to read; what lies beyond is not asked for. */
  readonly end: number;
  /** Of the tree that the source serves tiles for, at least `end`. */
  readonly served: number;
  /** Sizes at which the root is wanted. */
  readonly sizes: readonly number[];
  /** Called after each bundle; whoever saves awaits {@link LogWalk.sync} first. */
  readonly onBundle: (walk: LogWalk) => Promise<void>;
};

/** The root that entries give and, where tiles differ from them, the one that tiles give. */
export type FoundRoot = { readonly computed: Uint8Array | undefined; readonly served: Uint8Array | undefined };

type Fetched = {
  readonly verdict: BundleVerdict;
  readonly tile: Uint8Array | undefined;
  readonly failures: readonly Finding[];
};

export class LogWalk {
  readonly findings: Findings;
  readonly counters: Counters;
  readonly growth: Growth;
  readonly disputes: Dispute[];
  readonly roots = new Map<number, FoundRoot>();
  disputed: number;
  brokenAt: number | undefined;
  firstTime: number;
  lastTime: number;
  firstHidden: number;
  position: number;
  /** Whether what was read so far is taken in whole; between two bundles it is. */
  isSettled = true;
  readonly #parts: WalkParts;
  #tree: TreeWalk | undefined;
  #servedTree: TreeWalk | undefined;
  readonly #room = new ByteRoom(MOST_BYTES);
  readonly #fetches = createLimit(MOST_FETCHES);

  private constructor(
    parts: WalkParts,
    progress: AuditProgress | undefined,
    tree: TreeWalk,
    servedTree: TreeWalk | undefined,
  ) {
    this.#parts = parts;
    this.findings = new Findings(progress?.findings, progress?.findingCounts);
    this.counters = new Counters(progress?.counts);
    this.growth = new Growth(progress?.growth.width, progress?.growth.points);
    this.disputes = [...(progress?.disputes ?? [])];
    this.disputed = progress?.disputed ?? 0;
    this.brokenAt = progress?.brokenAt;
    this.firstTime = progress?.firstTime ?? -1;
    this.lastTime = progress?.lastTime ?? -1;
    this.firstHidden = progress?.firstHidden ?? -1;
    this.position = progress?.position ?? 0;
    this.#tree = this.brokenAt === undefined ? tree : undefined;
    this.#servedTree = servedTree;
  }

  /** From the beginning, or from where another one was. Undefined for progress that no walk makes. */
  static from(parts: WalkParts, progress: AuditProgress | undefined): LogWalk | undefined {
    if (progress === undefined) return new LogWalk(parts, undefined, TreeWalk.empty(), undefined);
    const { position, tree, servedTree, brokenAt } = progress;
    const read = brokenAt === undefined ? TreeWalk.parse(position, tree) : TreeWalk.empty();
    const readServed = servedTree && TreeWalk.parse(position, servedTree);
    if (read === undefined || (servedTree !== undefined && readServed === undefined)) return undefined;
    return new LogWalk(parts, progress, read, readServed);
  }

  /** For a state file, after {@link sync}. */
  progress(question: string, isDone: boolean, elapsed: number): AuditProgress {
    const { consumables, consumptions, trustRoots } = this.#parts.files;
    return {
      question,
      isDone,
      position: this.position,
      tree: this.#tree?.format() ?? [],
      servedTree: this.#servedTree?.format(),
      brokenAt: this.brokenAt,
      firstTime: this.firstTime,
      lastTime: this.lastTime,
      firstHidden: this.firstHidden,
      counts: [...this.counters.values],
      findings: this.findings.list,
      findingCounts: this.findings.counts,
      disputes: [...this.disputes],
      disputed: this.disputed,
      growth: { width: this.growth.width, points: this.growth.points },
      records: { consumables: consumables.records, consumptions: consumptions.records, trustRoots: trustRoots.records },
      elapsed: Math.round(elapsed),
    };
  }

  async sync(): Promise<void> {
    for (const file of Object.values(this.#parts.files)) await file.sync();
  }

  /** Resolves at the end. @param beforeLast called before a last bundle that is not full, as the next audit begins there */
  async run(beforeLast: () => Promise<void>): Promise<void> {
    const { end, onBundle } = this.#parts;
    const bundles = Math.ceil(end / TILE_WIDTH);
    await this.#wantRoots(this.position, this.position, new Uint8Array(0));
    const fetched = readAhead(this.position / TILE_WIDTH, bundles, MOST_BUNDLES, (bundle) => this.#fetch(bundle));
    for await (const { value } of fetched) {
      const { verdict, tile, failures } = value;
      if (verdict.count < TILE_WIDTH) await beforeLast();
      this.isSettled = false;
      for (const finding of failures) this.findings.add(finding);
      await this.#apply(verdict, tile);
      this.isSettled = verdict.count === TILE_WIDTH;
      await onBundle(this);
    }
    if (end % TILE_WIDTH === 0) await beforeLast();
    await this.#compareTiles(this.#tree?.partialTiles() ?? [], this.#servedTree?.partialTiles());
  }

  async #fetch(bundle: number): Promise<Fetched> {
    const { source, pool, end, served, sizes } = this.#parts;
    const first = bundle * TILE_WIDTH;
    const count = Math.min(TILE_WIDTH, end - first);
    // What is there is as wide as the tree that is served.
    const width = tileWidthAt(0, bundle, served);
    const failures: Finding[] = [];
    const tolerate = (code: Finding['code'], what: string) => (error: unknown) => {
      if (!(error instanceof CommandFailure) || error.kind !== 'log_misbehaves') throw error;
      failures.push({ code, index: first, detail: `${what} ${first} to ${first + width - 1}: ${error.message}` });
      return undefined;
    };
    const { entries, tile, size } = await this.#fetches(async () => {
      await this.#room.wait();
      let read: readonly (Uint8Array | undefined)[] | undefined;
      let hashed: Uint8Array | undefined;
      let held = 0;
      try {
        [read, hashed] = await Promise.all([
          source.bundle(bundle, width).catch(tolerate('bundle_malformed', 'entries')),
          source.tile(0, bundle, width).catch(tolerate('tile_malformed', 'leaf hashes of entries')),
        ]);
      } finally {
        // Also where it failed: those in front of it may still wait for room, and their turn comes first.
        held = this.#room.take(read);
      }
      return { entries: read, tile: hashed, size: held };
    });
    const isRead = entries !== undefined;
    const packed = packEntries((entries ?? new Array<undefined>(width).fill(undefined)).slice(0, count));
    const hashes = tile?.subarray(0, count * HASH_SIZE);
    const wantLeaves = sizes.some((size) => size > first && size < first + count);
    const judging = pool.judge({ first, ...packed, tile: hashes, isRead, wantLeaves });
    const verdict = await judging.finally(() => this.#room.give(size));
    return { verdict, tile: hashes, failures };
  }

  async #apply(verdict: BundleVerdict, tile: Uint8Array | undefined): Promise<void> {
    const { first, count, findings, counts, disputes } = verdict;
    const failuresBefore = this.findings.total;
    const isWhole =
      this.counters.get('withheld') + this.counters.get('unread') + this.counters.get('unsupported') === 0;
    this.#applyTimes(verdict);
    for (const finding of findings) this.findings.add(finding);
    this.counters.addAll(counts);
    if (this.firstHidden < 0) this.firstHidden = verdict.firstHidden;
    for (const dispute of disputes) if (this.disputes.length < MOST_FINDINGS) this.disputes.push(dispute);
    this.disputed += disputes.length;
    await this.#remember(verdict, isWhole);
    const leaves = verdict.leaves;
    const servedLeaves = disputes.length > 0 ? tile : leaves;
    await this.#wantRoots(first + 1, first + count - 1, leaves, servedLeaves);
    const failures = this.findings.total - failuresBefore + disputes.length;
    this.growth.add({ time: verdict.lastTime, entries: count, failures });
    if (count === TILE_WIDTH) await this.#grow(verdict);
    else await this.#wantRoots(first + count, first + count, leaves, servedLeaves);
  }

  #applyTimes({ firstTime, firstTimed, lastTime }: BundleVerdict): void {
    if (firstTimed < 0) return;
    if (firstTime < this.lastTime) this.findings.add(timeBackwards(firstTimed, firstTime, this.lastTime));
    if (this.firstTime < 0) this.firstTime = firstTime;
    this.lastTime = lastTime;
  }

  async #remember(verdict: BundleVerdict, isWhole: boolean): Promise<void> {
    const { statements, identities, consumables, consumptions, trustRoots } = this.#parts.files;
    await statements.append(verdict.statements);
    await identities.append(verdict.identities);
    await consumables.append(verdict.consumables);
    await consumptions.append(verdict.consumptions);
    for (const logged of verdict.trustRoots) {
      await trustRoots.append(Buffer.from(`${JSON.stringify(logged)}\n`));
      const { findings, isFollowed } = this.#parts.chains.add(logged, isWhole);
      for (const finding of findings) this.findings.add(finding);
      if (!isFollowed) this.counters.add('unfollowed');
    }
  }

  async #grow({ first, root, servedRoot }: BundleVerdict): Promise<void> {
    if (root === undefined && this.#tree !== undefined) {
      this.brokenAt = first;
      this.#tree = undefined;
      this.#servedTree = undefined;
    }
    if (root !== undefined && this.#tree !== undefined) {
      if (servedRoot !== undefined) this.#servedTree ??= this.#tree.copy();
      const full = this.#tree.add(root);
      const fullServed = this.#servedTree?.add(servedRoot ?? root);
      await this.#compareTiles(full, fullServed);
    }
    this.position = first + TILE_WIDTH;
    await this.#wantRoots(this.position, this.position, new Uint8Array(0));
  }

  /** Keeps the roots at the wanted sizes from `from` to `to`. @param leaves of the bundle that begins at `position` */
  async #wantRoots(
    from: number,
    to: number,
    leaves: Uint8Array | undefined,
    servedLeaves: Uint8Array | undefined = leaves,
  ): Promise<void> {
    for (const size of this.#parts.sizes) {
      if (size < from || size > to) continue;
      const end = (size - this.position) * HASH_SIZE;
      const computed = leaves && this.#tree?.root(leaves.subarray(0, end));
      const tree = this.#servedTree ?? (servedLeaves === leaves ? undefined : this.#tree);
      const served = servedLeaves && tree?.root(servedLeaves.subarray(0, end));
      this.roots.set(size, { computed, served });
    }
  }

  /** Of the levels above the lowest. */
  async #compareTiles(
    tiles: readonly ComputedTile[],
    alternatives: readonly ComputedTile[] | undefined,
  ): Promise<void> {
    const { source, served } = this.#parts;
    for (const [i, { level, index, width, hashes }] of tiles.entries()) {
      const there = tileWidthAt(level, index, served);
      const first = index * TILE_WIDTH ** (level + 1);
      const where = `tile ${index} of level ${level}, over the entries from ${first} on`;
      try {
        const found = (await source.tile(level, index, there)).subarray(0, width * HASH_SIZE);
        if ([hashes, alternatives?.[i]?.hashes].some((each) => each !== undefined && equalBytes(each, found))) continue;
        const at = firstDifference(hashes, found);
        const [expected, computed] = [found, hashes].map(
          (each) => `sha256:${hexEncode(each.subarray(at, at + HASH_SIZE))}`,
        );
        const detail = `${where}, has another hash number ${at / HASH_SIZE} than the entries give`;
        this.findings.add({ code: 'tile_mismatch', index: first, detail, expected: computed!, computed: expected! });
      } catch (error) {
        if (!(error instanceof CommandFailure) || error.kind !== 'log_misbehaves') throw error;
        this.findings.add({ code: 'tile_malformed', index: first, detail: `${where}: ${error.message}` });
      }
    }
  }
}

/** Tells chains what they held when an audit was interrupted. */
export async function replayTrustRoots(lines: AuditFiles['trustRoots'], chains: TrustRootChains): Promise<void> {
  let rest = '';
  for await (const part of lines.parts()) {
    const [last = '', ...whole] = (rest + Buffer.from(part).toString('utf8')).split('\n').reverse();
    rest = last;
    for (const line of whole.reverse()) chains.add(JSON.parse(line) as LoggedTrustRoot, true);
  }
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at += HASH_SIZE) {
    if (!equalBytes(a.subarray(at, at + HASH_SIZE), b.subarray(at, at + HASH_SIZE))) return at;
  }
  return 0;
}
