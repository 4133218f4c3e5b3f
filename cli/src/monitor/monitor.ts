/**
 * Follows a log: is its head still of the history that was seen before, is it new, and what do the entries say that came since?
 *
 * How far it came is saved together with what it has to tell, before anybody is told. So after a crash some of it is told again, and
 * nothing is left out.
 */
import { formatTime, type Primitives } from '@assent/verifier';
import { CommandFailure, type FailureKind } from '../failure.ts';
import type { StateFile } from '../files/state-file.ts';
import type { LogSource } from '../log-source/log-source.ts';
import type { StaticFiles } from '../log-source/static-files.ts';
import type { Pinned } from '../pinned.ts';
import { Conditions } from './conditions.ts';
import { EntryFollower } from './entry-follower.ts';
import { EntryJudge } from './entry-judge.ts';
import { createEvent, type EventParts } from './event.ts';
import { HeadWatch } from './head-watch.ts';
import { LiveApprovals } from './live-approvals.ts';
import type { Draft, MonitorState } from './monitor-state.ts';
import type { Outbox } from './outbox.ts';
import type { Rule } from './rules.ts';
import type { TrustedKeys } from './trusted-keys.ts';

/** Acknowledgements are saved together: one that is lost only tells somebody twice. */
const SAVE_SOON_MS = 500;

/** What is not the log's doing. */
const OWN_FAILURES: ReadonlySet<FailureKind> = new Set([
  'usage',
  'file_unreadable',
  'file_unwritable',
  'file_exists',
  'file_malformed',
  'in_use',
  'state_newer',
  'internal',
  'interrupted',
]);

export type MonitorOptions = {
  readonly source: LogSource;
  /** The same log, for what is beside its tree. */
  readonly files: StaticFiles;
  readonly origin: string;
  /** Of this log alone. */
  readonly pinned: Pinned;
  readonly rules: readonly Rule[];
  readonly trusted: TrustedKeys | undefined;
  readonly stateFile: StateFile<MonitorState>;
  readonly outbox: Outbox;
  readonly primitives: Primitives;
  readonly signal: AbortSignal;
  /** Where to begin, if there is no state yet; undefined: with what comes after the head that is there now. */
  readonly from: number | undefined;
  readonly staleAfterMs: number;
  readonly outageAfterMs: number;
  readonly concurrency: number;
  readonly misbehaviourFile: string;
  /** The state could not be saved between two looks. */
  readonly onFatal: (error: unknown) => void;
};

/** How a look at the log ended: the worst that is so now. */
export type Standing = 'good' | 'incomplete' | 'outage' | 'caught';

type Parts = {
  readonly draft: Draft;
  readonly live: LiveApprovals;
  readonly judge: EntryJudge;
  readonly conditions: Conditions;
  readonly heads: HeadWatch;
  readonly entries: EntryFollower;
  readonly tell: (parts: EventParts) => void;
};

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #parts: Parts;
  #saved = '';
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: MonitorOptions, parts: Omit<Parts, 'entries'>) {
    this.#options = options;
    const { draft, judge, tell } = parts;
    const save = () => this.save();
    this.#parts = { ...parts, entries: new EntryFollower({ ...options, judge, tell, save }, draft) };
  }

  /** Throws CommandFailure if the state file holds a head that the pinned keys did not sign. */
  static async open(options: MonitorOptions): Promise<Monitor> {
    const { stateFile, outbox, origin, pinned, from, rules, trusted } = options;
    const { live: kept = [], outbox: _, ...state } = stateFile.state ?? {};
    const first = { next: from ?? 0, hidden: 0, clock: 0, conditions: {}, ...(from !== undefined && { began: from }) };
    const draft: Draft = { origin, ...first, ...state, logKeys: pinned.logKeys };
    const tell = (parts: EventParts): void => outbox.add(createEvent(parts, Date.now()));
    const live = new LiveApprovals(kept);
    const judge = new EntryJudge({ log: origin, rules, trusted, live });
    const conditions = new Conditions(draft, origin, tell);
    const heads = await HeadWatch.open({ ...options, statePath: stateFile.path }, draft, conditions);
    return new Monitor(options, { draft, live, judge, conditions, heads, tell });
  }

  /** The next entry that will be looked at; undefined as long as the newest head is to say. */
  get next(): number | undefined {
    const { began, next } = this.#parts.draft;
    return began === undefined ? undefined : next;
  }

  /** Looks at the log once. Throws CommandFailure only for what is not the log's doing: an interruption, or the state file. */
  async poll(): Promise<Standing> {
    const began = Date.now();
    try {
      await this.#follow();
      this.#hasAnswered();
    } catch (error) {
      this.#takeFailure(error, began);
    }
    if (this.#saved !== this.#fingerprint()) await this.save();
    return this.#standing();
  }

  /** Together, so that neither is ever there without the other: how far it came, and what is still to be told. */
  async save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { stateFile, outbox } = this.#options;
    const { undelivered, saved } = outbox.snapshot();
    const fingerprint = this.#fingerprint();
    await stateFile.save({ ...this.#parts.draft, live: this.#parts.live.list(), outbox: undelivered });
    this.#saved = fingerprint;
    saved();
  }

  saveSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.save().catch(this.#options.onFatal);
    }, SAVE_SOON_MS);
  }

  async #follow(): Promise<void> {
    const { source } = this.#options;
    const checkpoint = await source.checkpoint();
    const { heads, entries, conditions } = this.#parts;
    const accepted = await heads.look(checkpoint);
    if (accepted === undefined || !(await entries.read(accepted))) return;
    this.#judgeUnused();
    for (const name of ['fork', 'rollback', 'misbehaviour'] as const) {
      conditions.end(name, `${source.name} shows the history again that was seen before`);
    }
  }

  #hasAnswered(): void {
    delete this.#parts.draft.failingSince;
    this.#parts.conditions.end('outage', `${this.#options.source.name} answers again`);
  }

  /** Only now, as everything that the log shows has been read. */
  #judgeUnused(): void {
    const now = Date.now();
    for (const parts of this.#parts.judge.overdue(now)) this.#parts.tell(parts);
    const longestMs = Math.max(0, ...this.#options.rules.map(({ afterMs = 0 }) => afterMs));
    this.#parts.live.forget(this.#parts.draft.clock, longestMs, now);
  }

  /** What went wrong, if it is the log's doing. @param began when it was asked: it may have taken its time not to answer */
  #takeFailure(error: unknown, began: number): void {
    if (!(error instanceof CommandFailure)) throw error;
    const { kind, message } = error;
    const { draft, conditions } = this.#parts;
    if (kind === 'log_misbehaves') {
      this.#hasAnswered();
      conditions.begin('misbehaviour', `what it serves is not what it signed: ${message}`);
      return;
    }
    // Whatever else is no answer: a log that refuses to be read is away as well.
    if (OWN_FAILURES.has(kind)) throw error;
    draft.failingSince ??= began;
    const since = draft.failingSince;
    if (Date.now() - since >= this.#options.outageAfterMs) {
      conditions.begin('outage', `no answer since ${formatTime(since)}: ${message}`);
    }
  }

  /** Whether there is anything to save. */
  #fingerprint(): string {
    return JSON.stringify([this.#parts.draft, this.#options.outbox.version]);
  }

  #standing(): Standing {
    const { draft, conditions, heads, entries } = this.#parts;
    const caught = (['fork', 'rollback', 'misbehaviour'] as const).some((name) => conditions.isSo(name));
    if (caught || entries.sawInvalid) return 'caught';
    if (draft.failingSince !== undefined) return 'outage';
    return conditions.isSo('stale_head') || heads.isUnwitnessed ? 'incomplete' : 'good';
  }
}
