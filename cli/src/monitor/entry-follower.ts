/** Reads every entry up to a head, each proved to be in its tree, and has it judged. */
import { type Primitives, TILE_WIDTH, tileWidthAt } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { findChangedEntry } from '../log-source/authentic-tiles.ts';
import type { LogSource } from '../log-source/log-source.ts';
import { readEntry } from './entry-facts.ts';
import type { EntryJudge } from './entry-judge.ts';
import type { EventParts } from './event.ts';
import type { AcceptedHead } from './head-watch.ts';
import type { Draft } from './monitor-state.ts';
import type { Outbox } from './outbox.ts';
import { readAhead } from './read-ahead.ts';

/** While so many events wait, nothing more is read: the log keeps it. */
const MAX_WAITING = 1_000;
const BUNDLES_A_SAVE = 32;

export type EntryFollowerOptions = {
  readonly source: LogSource;
  readonly origin: string;
  readonly judge: EntryJudge;
  readonly outbox: Outbox;
  readonly primitives: Primitives;
  readonly signal: AbortSignal;
  /** Bundles that are read at once. */
  readonly concurrency: number;
  readonly tell: (parts: EventParts) => void;
  readonly save: () => Promise<void>;
};

export class EntryFollower {
  readonly #options: EntryFollowerOptions;
  readonly #draft: Draft;
  #sawInvalid = false;

  constructor(options: EntryFollowerOptions, draft: Draft) {
    this.#options = options;
    this.#draft = draft;
  }

  /** Whether an entry was read since the program began that no log may take. */
  get sawInvalid(): boolean {
    return this.#sawInvalid;
  }

  /** Bundle by bundle. False if it stopped because nobody takes what there is to tell. */
  async read({ head, tiles }: AcceptedHead): Promise<boolean> {
    const { source, outbox, concurrency, primitives, signal, save } = this.#options;
    if (this.#draft.next >= head.size) return true;
    // A crash in between must not make it forget which head it has seen.
    await save();
    const first = Math.floor(this.#draft.next / TILE_WIDTH);
    const bundles = readAhead(first, Math.ceil(head.size / TILE_WIDTH), concurrency, async (index) => {
      const width = tileWidthAt(0, index, head.size);
      const [hashes, entries] = await Promise.all([tiles.tile(0, index), source.bundle(index, width)]);
      const changed = findChangedEntry(entries, hashes, primitives.sha256);
      if (changed === undefined) return entries;
      const message = `${source.name}: entry ${index * TILE_WIDTH + changed} is not the one that the log signed`;
      throw new CommandFailure('log_misbehaves', message);
    });
    let unsaved = 0;
    for await (const { index, value: entries } of bundles) {
      signal.throwIfAborted();
      const told = await this.#readBundle(index * TILE_WIDTH, entries);
      if (told || ++unsaved >= BUNDLES_A_SAVE) {
        await save();
        unsaved = 0;
      }
      if (!(await outbox.room(MAX_WAITING))) {
        signal.throwIfAborted();
        return false;
      }
    }
    return true;
  }

  /** Whether there was something to tell. */
  async #readBundle(start: number, entries: readonly (Uint8Array | undefined)[]): Promise<boolean> {
    const { origin, primitives, judge, tell } = this.#options;
    const from = Math.max(this.#draft.next, start);
    const read = await Promise.all(
      entries.slice(from - start).map((bytes, i) => bytes && readEntry(bytes, from + i, origin, primitives)),
    );
    let told = false;
    for (const [i, entry] of read.entries()) {
      const index = from + i;
      const { began = 0, hidden, clock, unseenAt } = this.#draft;
      const events =
        entry === undefined ? [judge.withheld(index)] : judge.judge(entry, index, { began, hidden, clock, unseenAt });
      events.forEach(tell);
      this.#sawInvalid ||= events.some(({ code }) => code === 'invalid_entry' || code === 'backdated');
      told ||= events.length > 0;
      if (entry !== undefined && 'facts' in entry) this.#draft.clock = Math.max(clock, entry.loggedAt);
      if (entry === undefined || !('facts' in entry) || entry.facts.visibility === 'sealed') this.#draft.hidden++;
    }
    this.#draft.next = start + entries.length;
    return told;
  }
}
