/** An audit from the head that a log serves to the report. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { parseCheckpoint, parseNote, type VerifiedTrustRoot } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { fileFailure } from '../files/file-failure.ts';
import { replaceWhole } from '../files/replace-whole.ts';
import type { LogSource } from '../log-source/log-source.ts';
import { type Pinned, withRetiredKeys } from '../pinned.ts';
import { type AsOf, sizeAt } from './as-of.ts';
import type { ProgressLine } from './audit-progress.ts';
import { type AuditOutcome, type AuditReport, auditReport } from './audit-report.ts';
import type { AuditProgress, SeenHead } from './audit-state.ts';
import { type AuditFiles, AuditStore, defaultFolder } from './audit-store.ts';
import { type AuditedHead, readHead, withWitnesses } from './audited-head.ts';
import type { JudgeSettings } from './bundle-job.ts';
import { closingChecks } from './closing-checks.ts';
import { Counters } from './counters.ts';
import { type Finding, Findings } from './findings.ts';
import {
  compareOtherHeads,
  findSignedTree,
  type HeadParts,
  type OtherHead,
  rootFindings,
  type WrittenProof,
} from './head-checks.ts';
import { type AuditPins, aboutEntries, aboutHead, always } from './list-not-checked.ts';
import { type NotChecked, notChecked } from './not-checked.ts';
import { TrustRootChains } from './trust-root-chains.ts';
import { LogWalk, replayTrustRoots, type WalkParts } from './walk-log.ts';
import type { BundlePool } from './worker-pool.ts';

export type AuditRequest = {
  readonly source: LogSource;
  readonly pinned: Pinned;
  readonly isOwnKey: boolean;
  readonly authority?: {
    readonly trustRoot: VerifiedTrustRoot;
    readonly approvalPolicy?: Uint8Array;
  };
  readonly asOf?: AsOf;
  /** Go on after the last audit that came to its end, instead of reading everything again. */
  readonly onlyNew: boolean;
  /** Signed heads from elsewhere. */
  readonly knownHeads: readonly { readonly note: string; readonly from: string }[];
  /** Where what is remembered is kept; `default` is a folder of the user's, undefined a temporary one. */
  readonly state: 'default' | { readonly folder: string } | undefined;
  /** Where proofs are written; undefined: beside the state, or here where that is temporary. */
  readonly evidence?: string;
  readonly openPool: (settings: JudgeSettings) => BundlePool;
  readonly progress: ProgressLine;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

const SAVE_EVERY_MS = 5_000;
const CLOCK_SKEW_MS = 10 * 60_000;

/** Throws CommandFailure where the audit can't come to an end; what was done so far is kept for the next one. */
export async function auditLog(request: AuditRequest): Promise<AuditReport> {
  const { source, pinned } = request;
  const started = performance.now();
  const read = await readHead(await source.checkpoint(), pinned);
  if ('finding' in read) return auditReport(withoutHead(request, read.finding, performance.now() - started));
  const cosignedNote = read.head.missing === undefined ? undefined : await source.witnessedCheckpoint();
  const { head, cosigned } = await withWitnesses(read.head, cosignedNote, pinned);
  const from = 'cosigned by its witnesses';
  const knownHeads = [...request.knownHeads, ...(cosigned ? [{ note: cosigned.checkpoint, from }] : [])];
  const folder = request.state === 'default' ? defaultFolder(head.origin) : request.state?.folder;
  const store = await AuditStore.open(folder, head.origin, { signal: request.signal });
  try {
    return await new Audit({ ...request, knownHeads }, head, store, started).run();
  } finally {
    request.progress.end();
    await store.close();
  }
}

class Audit {
  readonly #request: AuditRequest;
  readonly #head: AuditedHead;
  readonly #store: AuditStore;
  readonly #started: number;
  readonly #notChecked: NotChecked[] = [];
  #elapsedBefore = 0;

  constructor(request: AuditRequest, head: AuditedHead, store: AuditStore, started: number) {
    this.#request = request;
    this.#head = head;
    this.#store = store;
    this.#started = started;
  }

  async run(): Promise<AuditReport> {
    const { authority, source, progress, now, knownHeads, asOf } = this.#request;
    const head = this.#head;
    const seen = this.#store.state.heads;
    // Before anything else: what the log has signed once is evidence, whatever becomes of this audit.
    if (head.isSigned) await this.#store.saw({ note: head.checkpoint, size: head.size });
    const others = [...(await this.#readKnown(knownHeads)), ...seenHeads(seen)];
    const end = await this.#end();
    const question = this.#question();
    const chains = new TrustRootChains(authority?.trustRoot.chain);
    const { files, before } = await this.#openFiles(question, end, chains);
    this.#elapsedBefore = before?.elapsed ?? 0;
    const from = this.#request.onlyNew && before?.isDone === true ? before.position : 0;
    const { salt, seed } = this.#store.state;
    const pool = this.#request.openPool({ origin: head.origin, salt, seed, ...this.#authority() });
    try {
      const sizes = [...new Set([end, ...others.map(({ size }) => size)])].filter((size) => size <= end);
      const parts = { source, pool, files, chains, end, served: head.size, sizes };
      const walk = await this.#walk(parts, before, question);
      progress.phase('looking for what is there twice');
      const { origin, size: served } = head;
      const { folder } = this.#store;
      const closing = await closingChecks({
        source,
        origin,
        served,
        files,
        folder,
        seed,
        firstHidden: walk.walk.firstHidden,
      });
      for (const finding of closing.findings) {
        walk.walk.findings.add(finding);
        if (finding.index !== undefined) walk.walk.growth.addFailure(finding.index);
      }
      this.#notChecked.push(...closing.notChecked);
      const compared = await this.#checkHeads(walk.walk, others, end);
      this.#checkClock(walk.walk, now);
      this.#checkVersions(chains);
      await this.#store.save({ ...walk.last, isDone: true, elapsed: Math.round(this.#elapsed()) });
      return this.#report(walk.walk, { from, end, compared, asOf });
    } finally {
      await pool.close();
      for (const file of Object.values(files)) await file.close();
    }
  }

  #elapsed(): number {
    return this.#elapsedBefore + performance.now() - this.#started;
  }

  /** How many entries are audited. */
  async #end(): Promise<number> {
    const { asOf, source } = this.#request;
    const { size } = this.#head;
    if (asOf === undefined) return size;
    if ('time' in asOf) return sizeAt(asOf.time, size, source);
    if (asOf.size <= size) return asOf.size;
    throw new CommandFailure('usage', `--as-of ${asOf.size}: the log has ${size} entries`);
  }

  /** Everything on which verdicts depend, apart from the log. */
  #question(): string {
    const { source, asOf, authority } = this.#request;
    const policy = authority?.approvalPolicy && Buffer.from(authority.approvalPolicy).toString('base64');
    const versions = authority?.trustRoot.chain.versions.map(({ digest }) => digest);
    const asked = [1, source.name, asOf ?? null, versions ?? null, policy ?? null];
    return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
  }

  #authority(): Pick<JudgeSettings, 'authority'> {
    const { authority, asOf } = this.#request;
    if (authority === undefined) return {};
    const at = asOf && 'time' in asOf ? { at: asOf.time } : {};
    return { authority: { ...authority, ...at } };
  }

  /** Goes on where an audit of the same question was; from the beginning where that can't be. */
  async #openFiles(
    question: string,
    end: number,
    chains: TrustRootChains,
  ): Promise<{ files: AuditFiles; before: AuditProgress | undefined }> {
    const { progress } = this.#store.state;
    const isFit = progress?.question === question && progress.position <= end;
    const before = isFit && (!progress.isDone || this.#request.onlyNew) ? progress : undefined;
    const files = before && (await this.#store.openFiles(before));
    if (before !== undefined && files !== undefined) {
      await replayTrustRoots(files.trustRoots, chains);
      return { files, before };
    }
    const fresh = await this.#store.openFiles(undefined);
    if (fresh === undefined) throw new Error('an empty file is too short');
    return { files: fresh, before: undefined };
  }

  async #walk(
    parts: Omit<WalkParts, 'onBundle'>,
    before: AuditProgress | undefined,
    question: string,
  ): Promise<{ walk: LogWalk; last: AuditProgress }> {
    const { progress, signal } = this.#request;
    let savedAt = performance.now();
    let last: AuditProgress | undefined;
    const onBundle = async (walking: LogWalk): Promise<void> => {
      progress.show(Math.min(parts.end, walking.position), parts.end);
      if (walking.isSettled && performance.now() - savedAt >= SAVE_EVERY_MS) {
        await this.#save(walking, question);
        savedAt = performance.now();
      }
      signal.throwIfAborted();
    };
    const walk = LogWalk.from({ ...parts, onBundle }, before);
    if (walk === undefined)
      throw new CommandFailure('file_malformed', `${this.#store.folder} is damaged: remove it, and audit again`);
    try {
      await walk.run(async () => {
        last = await this.#save(walk, question);
      });
    } catch (error) {
      // Between two bundles everything is in order. Within one, the last time that it was saved counts.
      if (walk.isSettled && !this.#store.isTemporary) await this.#save(walk, question);
      throw error;
    }
    if (last === undefined) throw new Error('a walk that did not say when it came to its last bundle');
    return { walk, last };
  }

  async #save(walk: LogWalk, question: string): Promise<AuditProgress> {
    await walk.sync();
    const progress = walk.progress(question, false, this.#elapsed());
    await this.#store.save(progress);
    return progress;
  }

  async #checkHeads(walk: LogWalk, others: readonly OtherHead[], end: number): Promise<AuditReport['compared_heads']> {
    const { source, pinned } = this.#request;
    const writeProof = (name: string, text: string) => this.#writeProof(name, text);
    const parts: HeadParts = { source, head: this.#head, pinned, end, roots: walk.roots, writeProof };
    const signed = await findSignedTree(parts);
    const { findings, unlisted, notChecked: missed } = rootFindings(signed, parts, walk.disputes, walk.disputed);
    const compared = await compareOtherHeads(others, signed, parts);
    for (const finding of [...findings, ...compared.findings]) walk.findings.add(finding);
    walk.findings.addUnlisted(...unlisted);
    this.#notChecked.push(...missed, ...compared.notChecked);
    if (others.length === 0) {
      this.#notChecked.push(
        notChecked('no_earlier_head', 'whether the log has changed its history: no earlier head of it is known here'),
      );
    }
    return compared.compared;
  }

  #checkClock(walk: LogWalk, now: number): void {
    if (walk.lastTime <= now + CLOCK_SKEW_MS) return;
    const [expected, computed] = [now, walk.lastTime].map((time) => new Date(time).toISOString());
    const detail = 'its newest entry was logged later than it is now, by the clock of this computer';
    walk.findings.add({ code: 'time_ahead', detail, expected: `up to ${expected}`, computed: computed! });
  }

  #checkVersions(chains: TrustRootChains): void {
    const { authority } = this.#request;
    if (authority === undefined) return;
    const pinned = authority.trustRoot.chain.versions.length;
    const { newestOwn } = chains;
    if (newestOwn > pinned) {
      const detail = `revocations in version ${pinned + 1} to ${newestOwn} of your trust root, which the log holds and you do not: get them`;
      this.#notChecked.push(notChecked('trust_versions', detail));
    } else if (newestOwn < pinned) {
      const detail = `version ${newestOwn + 1} to ${pinned} of your trust root, which you have and this log does not hold`;
      this.#notChecked.push(notChecked('unlogged_versions', detail));
    }
  }

  /** Heads that the user has from elsewhere: of this log, and signed by it, or they say nothing. */
  async #readKnown(known: AuditRequest['knownHeads']): Promise<readonly OtherHead[]> {
    const heads: OtherHead[] = [];
    for (const { note, from } of known) {
      const read = await readHead(note, withRetiredKeys(this.#request.pinned));
      if ('finding' in read) throw new CommandFailure('file_malformed', `${from}: ${read.finding.detail}`);
      const { origin, size, root, isSigned } = read.head;
      if (origin !== this.#head.origin) {
        throw new CommandFailure('usage', `${from} is a head of ${origin}, and the log is ${this.#head.origin}`);
      }
      if (!isSigned) throw new CommandFailure('usage', '--head needs the key of the log: --log-key or --log-policy');
      await this.#store.saw({ note, size });
      heads.push({ origin, checkpoint: note, size, root, from });
    }
    return heads;
  }

  async #writeProof(name: string, text: string): Promise<WrittenProof> {
    const { evidence = this.#store.isTemporary ? '.' : this.#store.folder } = this.#request;
    const file = path.resolve(evidence, `${name}.misbehaviour.json`);
    try {
      await replaceWhole(file, text, 0o644);
      return { file };
    } catch (error) {
      return { why: fileFailure('file_unwritable', 'write', file, error).message };
    }
  }

  #report(
    walk: LogWalk,
    {
      from,
      end,
      compared,
      asOf,
    }: { from: number; end: number; compared: AuditReport['compared_heads']; asOf: AsOf | undefined },
  ): AuditReport {
    const pins = pinsOf(this.#request);
    const { firstTime, lastTime, counters, findings, growth } = walk;
    const earlier =
      from > 0
        ? [notChecked('earlier_entries', `entries 0 to ${from - 1} again: an earlier audit here did (--new)`)]
        : [];
    return auditReport({
      source: this.#request.source.name,
      now: this.#request.now,
      head: this.#head,
      audited: { from, size: end, firstTime, lastTime },
      compared,
      counters,
      findings,
      notChecked: [
        ...aboutHead(this.#head, pins),
        ...this.#notChecked,
        ...aboutEntries(counters, pins),
        ...earlier,
        ...always(asOf),
      ],
      growth: growth.points,
      hasTrustRoot: pins.hasTrustRoot,
      elapsed: this.#elapsed(),
      state: this.#store.isTemporary ? undefined : this.#store.folder,
    });
  }
}

function pinsOf({ pinned, isOwnKey, authority }: AuditRequest): AuditPins {
  return {
    pinned,
    isOwnKey,
    hasTrustRoot: authority !== undefined,
    hasPolicy: authority?.approvalPolicy !== undefined,
  };
}

function seenHeads(seen: readonly SeenHead[]): readonly OtherHead[] {
  return seen.flatMap(({ note }) => {
    const parsed = parseNote(note);
    const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
    if (!checkpoint.ok) return [];
    const { origin, size, root } = checkpoint.value;
    return [{ origin, checkpoint: note, size, root, from: 'seen by an earlier audit' }];
  });
}

function withoutHead({ source, now }: AuditRequest, finding: Finding, elapsed: number): AuditOutcome {
  const findings = new Findings();
  findings.add(finding);
  return {
    source: source.name,
    now,
    head: undefined,
    audited: { from: 0, size: 0, firstTime: -1, lastTime: -1 },
    compared: [],
    counters: new Counters(),
    findings,
    notChecked: [
      notChecked('tree', 'anything else: without a head that the log signed, nothing says which entries are its own'),
    ],
    growth: [],
    hasTrustRoot: false,
    elapsed,
    state: undefined,
  };
}
