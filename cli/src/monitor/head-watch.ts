/** Whether the head that a log shows is of the history that was seen before, cosigned, and new. */
import { formatTime, type Primitives, parseJson } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { type AuthenticTiles, tilesOfLog } from '../log-source/authentic-tiles.ts';
import { compareTrees } from '../log-source/compare-trees.ts';
import type { LogSource } from '../log-source/log-source.ts';
import { openSignedHead, openWitnessedHead, reopenSignedHead, type SignedHead } from '../log-source/signed-head.ts';
import type { StaticFiles } from '../log-source/static-files.ts';
import type { Pinned } from '../pinned.ts';
import { type Fork, keepProof, proveFork } from '../write-misbehaviour.ts';
import type { Conditions } from './conditions.ts';
import { readFreshness } from './freshness.ts';
import type { Draft } from './monitor-state.ts';

export type HeadWatchOptions = {
  readonly source: LogSource;
  /** The same log, for what is beside its tree. */
  readonly files: StaticFiles;
  /** Of this log alone. */
  readonly pinned: Pinned;
  readonly primitives: Primitives;
  readonly staleAfterMs: number;
  readonly misbehaviourFile: string;
  /** Of the state, for messages. */
  readonly statePath: string;
};

/** A head up to which the entries may be read. */
export type AcceptedHead = { readonly head: SignedHead; readonly tiles: AuthenticTiles };

export class HeadWatch {
  readonly #options: HeadWatchOptions;
  readonly #draft: Draft;
  readonly #conditions: Conditions;
  #known: SignedHead | undefined;
  #isUnwitnessed = false;

  private constructor(options: HeadWatchOptions, draft: Draft, conditions: Conditions, known: SignedHead | undefined) {
    this.#options = options;
    this.#draft = draft;
    this.#conditions = conditions;
    this.#known = known;
  }

  static async open(options: HeadWatchOptions, draft: Draft, conditions: Conditions): Promise<HeadWatch> {
    const { pinned, primitives, statePath } = options;
    const { checkpoint } = draft;
    const known =
      checkpoint === undefined ? undefined : await reopenSignedHead(checkpoint, statePath, pinned, primitives);
    return new HeadWatch(options, draft, conditions, known);
  }

  /** Whether too few witnesses had cosigned the head that was looked at last. */
  get isUnwitnessed(): boolean {
    return this.#isUnwitnessed;
  }

  /** @param checkpoint as it was served. Undefined if it is not to be followed: a condition says why, or witnesses are waited for. */
  async look(checkpoint: string): Promise<AcceptedHead | undefined> {
    const { source, pinned, primitives } = this.#options;
    const head = await openSignedHead(checkpoint, source.name, pinned, primitives);
    const tiles = this.#tilesOf(head);
    this.#isUnwitnessed = !head.witnesses.met;
    if (!(await this.#isSameHistory(head, tiles))) return undefined;
    const followed = await this.#cosigned({ head, tiles });
    if (followed === undefined) {
      this.#judgeAge();
      return undefined;
    }
    const isFresh = await this.#readAge(followed.head);
    this.#judgeAge();
    return isFresh ? followed : undefined;
  }

  /** The head that may be followed, with what it needs: this one, else the newest that is cosigned, as of a busy log. */
  async #cosigned(shown: AcceptedHead): Promise<AcceptedHead | undefined> {
    const { source, pinned, primitives } = this.#options;
    if (shown.head.witnesses.met) {
      this.#accept(shown.head);
      return shown;
    }
    const witnessed = await openWitnessedHead(source, pinned, primitives);
    const isKnown = shown.head.size === this.#known?.size;
    if (witnessed === undefined || witnessed.size < (this.#known?.size ?? 0)) return isKnown ? shown : undefined;
    const tiles = this.#tilesOf(witnessed);
    const [older, newer] = witnessed.size > shown.head.size ? [shown.head, witnessed] : [witnessed, shown.head];
    if (!(await this.#isOneTree(older, newer, newer === witnessed ? tiles : shown.tiles))) return undefined;
    this.#isUnwitnessed = false;
    this.#accept(witnessed);
    return { head: witnessed, tiles };
  }

  #tilesOf(head: SignedHead): AuthenticTiles {
    const { source, primitives } = this.#options;
    return tilesOfLog(source, head, primitives.sha256);
  }

  async #isSameHistory(head: SignedHead, tiles: AuthenticTiles): Promise<boolean> {
    const known = this.#known;
    if (known === undefined) return true;
    const { source } = this.#options;
    const isOlder = head.size < known.size;
    const [older, newer] = isOlder ? [head, known] : [known, head];
    const newerTiles = isOlder ? this.#tilesOf(known) : tiles;
    const isOne = await this.#isOneTree(older, newer, newerTiles).catch((error: unknown) => {
      // A log that was put back has no tiles of the tree that it had, which says nothing about the older one.
      if (isOlder && error instanceof CommandFailure && error.kind === 'log_misbehaves') return true;
      throw error;
    });
    if (!isOne) return false;
    if (!isOlder) return true;
    const detail = `${source.name} shows a head of size ${head.size}, and has shown one of size ${known.size} before: it was put back, or some are shown less than others`;
    this.#conditions.begin('rollback', detail, { seen: known.checkpoint, shown: head.checkpoint });
    return false;
  }

  /** Else it begins a fork. @param tiles of the newer tree */
  async #isOneTree(older: SignedHead, newer: SignedHead, tiles: AuthenticTiles): Promise<boolean> {
    const compared = await compareTrees(older, newer, tiles, this.#options.primitives.sha256);
    if (compared.relation === 'consistent') return true;
    const heads = { older: { checkpoint: older.checkpoint }, newer: { checkpoint: newer.checkpoint } };
    await this.#beginFork({ origin: newer.origin, ...heads, ...compared }, older.size, newer.size);
    return false;
  }

  #accept(head: SignedHead): void {
    const known = this.#known;
    const { began } = this.#draft;
    if (began === undefined) this.#draft.began = this.#draft.next = head.size;
    // Of what was in that head already, and is not read yet, it would not be true.
    const seenBy = known?.size === this.#draft.next && head.size > known.size ? known.witnesses.seenBy : undefined;
    if (seenBy !== undefined) this.#draft.unseenAt = seenBy;
    this.#draft.checkpoint = head.checkpoint;
    this.#known = head;
  }

  /** False if the log's tree head of the same size has another root. */
  async #readAge(head: SignedHead): Promise<boolean> {
    const { files, pinned, primitives } = this.#options;
    const fresh = await readFreshness(head, files, pinned, primitives);
    if ('sth' in fresh) {
      const heads = { older: { checkpoint: head.checkpoint }, newer: { sth: fresh.sth } };
      await this.#beginFork({ origin: head.origin, ...heads, proof: [] }, head.size, head.size);
      return false;
    }
    if (fresh.at !== undefined && fresh.at > (this.#draft.freshAt ?? 0)) this.#draft.freshAt = fresh.at;
    return true;
  }

  #judgeAge(): void {
    const { freshAt } = this.#draft;
    const { staleAfterMs, source } = this.#options;
    if (freshAt === undefined) return;
    if (Date.now() - freshAt <= staleAfterMs) {
      this.#conditions.end('stale_head', `${source.name} shows a new head again`);
      return;
    }
    const missing = this.#isUnwitnessed ? ', and too few witnesses have cosigned what it shows now' : '';
    const detail = `${source.name} answers, and the newest head is from ${formatTime(freshAt)}${missing}`;
    this.#conditions.begin('stale_head', detail);
  }

  async #beginFork(fork: Fork, older: number, newer: number): Promise<void> {
    if (this.#conditions.isSo('fork')) return;
    const { pinned, primitives, misbehaviourFile } = this.#options;
    const text = await proveFork(fork, pinned, primitives);
    const where = await keepProof(misbehaviourFile, text);
    const detail = `it signed two histories: no tree has both its head of size ${older} and that of size ${newer}. ${where}`;
    const proof = parseJson(text);
    this.#conditions.begin('fork', detail, proof.ok ? proof.value : undefined);
  }
}
