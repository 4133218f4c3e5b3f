/**
 * What a witness must never forget: for each log the newest checkpoint that it cosigned, in a {@link Journal} in its folder.
 *
 *     {"type":"assent/witness-state/v1","witnesses":["witness.example.com/w1+jWbPPw…"]}      the keys that it is the memory of
 *     {"time":1679315147,"checkpoint":"example.com/behind-the-sofa\n20852163\n…"}            the note, with the cosignatures
 *
 * Kept in memory as well. To be removed from the list of logs takes nothing away here: a log that comes back goes on
 * from where it was.
 */
import { hash } from 'node:crypto';
import path from 'node:path';
import { equalBytes, type Json, type JsonObject, parseCheckpoint, parseNote } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { type Lock, lock } from '../files/lock.ts';
import { makeFolder } from '../files/make-folder.ts';
import { isObject } from '../http/problem.ts';
import { Journal, type JournalDisk, journalDisk } from './journal.ts';

const TYPE = 'assent/witness-state/v1';
const FILE = 'journal';

/** A file that is written anew takes as long as it has logs, so not before it holds several times as much as it has to. */
const REWRITE_AT_LEAST = 16 * 1024 * 1024;
const REWRITE_AT_TIMES = 4;

export type Cosigned = {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Of the cosignatures, in seconds since the epoch. */
  readonly time: number;
  /** The signed note: the log's lines that were verified, and the cosignatures. */
  readonly checkpoint: string;
};

export type WitnessStateOptions = {
  /** The vkeys of the witness. */
  readonly witnesses: readonly string[];
  readonly disk?: JournalDisk;
  readonly rewriteAtLeast?: number;
};

type Waiting = { readonly next: Cosigned; readonly settle: (failure?: CommandFailure) => void };

export class WitnessState {
  readonly folder: string;
  readonly #journal: Journal;
  readonly #lock: Lock;
  readonly #header: object;
  readonly #rewriteAtLeast: number;
  /** On disk. */
  readonly #newest: Map<string, Cosigned>;
  /** On its way there: what comes next has to continue this. */
  readonly #coming = new Map<string, { readonly next: Cosigned; readonly settled: Promise<void> }>();
  readonly #originOfHash = new Map<string, string>();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #lastTime: number;
  #rewriteAt: number;

  private constructor(
    folder: string,
    parts: { journal: Journal; held: Lock; header: object; newest: Map<string, Cosigned>; rewriteAtLeast: number },
  ) {
    this.folder = folder;
    this.#journal = parts.journal;
    this.#lock = parts.held;
    this.#header = parts.header;
    this.#newest = parts.newest;
    this.#rewriteAtLeast = parts.rewriteAtLeast;
    this.#lastTime = 0;
    for (const { origin, time } of parts.newest.values()) {
      this.#lastTime = Math.max(this.#lastTime, time);
      this.#originOfHash.set(originHash(origin), origin);
    }
    this.#rewriteAt = this.#sensibleSize();
  }

  /** Makes the state of a witness that has not cosigned anything yet. Throws CommandFailure: `file_exists`. */
  static async create(folder: string, witnesses: readonly string[]): Promise<void> {
    await makeFolder(folder, 0o700);
    await Journal.create(path.join(folder, FILE), header(witnesses));
  }

  /**
   * Writes it anew: what was read may be in the machine's memory alone, after a sync that failed under an earlier process, and no
   * later sync would bring it to the disk.
   *
   * Throws CommandFailure: `in_use`; `state_newer`; `file_unreadable`, also where there is none; `file_malformed` for one that
   * is damaged or another witness's.
   */
  static async open(
    folder: string,
    { witnesses, disk = journalDisk, rewriteAtLeast = REWRITE_AT_LEAST }: WitnessStateOptions,
  ): Promise<WitnessState> {
    const file = path.join(folder, FILE);
    const held = await lock(file);
    let journal: Journal | undefined;
    try {
      const opened = await Journal.open(file, TYPE, disk);
      journal = opened.journal;
      const known = readHeader(opened.content.header, file);
      if (!witnesses.some((vkey) => known.includes(vkey))) {
        const message = `${file} is the memory of another witness (${known.join(', ')}): a key must never do without its own`;
        throw new CommandFailure('file_malformed', message);
      }
      const newest = readRecords(opened.content.records, file);
      const all = header([...new Set([...known, ...witnesses])]);
      const state = new WitnessState(folder, { journal, held, header: all, newest, rewriteAtLeast });
      await journal.rewrite(all, [...newest.values()].map(asRecord)).catch((error: unknown) => {
        // A disk without room for a second file leaves the first one, which is good unless it lacks a key.
        const isWhole = witnesses.every((vkey) => known.includes(vkey));
        if (!isWhole || journal?.broken !== undefined || !(error instanceof CommandFailure)) throw error;
      });
      return state;
    } catch (error) {
      await journal?.close();
      await held.release();
      throw error;
    }
  }

  /** What the state in a folder holds, while a witness may be running on it: its vkeys, and the newest of each log. */
  static async read(folder: string): Promise<{ witnesses: readonly string[]; newest: readonly Cosigned[] }> {
    const file = path.join(folder, FILE);
    const content = await Journal.read(file, TYPE);
    const witnesses = readHeader(content.header, file);
    return { witnesses, newest: [...readRecords(content.records, file).values()] };
  }

  /** How many logs were ever cosigned. */
  get logs(): number {
    return this.#newest.size;
  }

  /** The time of the newest cosignature, in seconds; it may still be on its way to the disk. 0: there is none. */
  get lastTime(): number {
    return this.#lastTime;
  }

  /** Why it can store nothing more until it was opened anew. */
  get broken(): CommandFailure | undefined {
    return this.#journal.broken;
  }

  newestOf(origin: string): Cosigned | undefined {
    return this.#newest.get(origin);
  }

  /** @param hash SHA-256 of the origin, in hex. */
  newestOfHash(hash: string): Cosigned | undefined {
    const origin = this.#originOfHash.get(hash);
    return origin === undefined ? undefined : this.#newest.get(origin);
  }

  /**
   * Compare and set: stores `next`, which was proved to continue `expected`, if that is still the newest. Whether it is, is
   * decided in this call, before anything is awaited.
   *
   * @returns true once it is on disk; false if another one came first, once that one is. Rejects with CommandFailure when it can't be
   *   stored; then it was not, or the state is `broken`.
   * @throws RangeError for a time before that of an earlier one.
   */
  async replace(expected: Cosigned | undefined, next: Cosigned): Promise<boolean> {
    const coming = this.#coming.get(next.origin);
    const current = coming?.next ?? this.#newest.get(next.origin);
    if (!isSame(current, expected)) {
      await coming?.settled;
      return false;
    }
    if (next.time < this.#lastTime) throw new RangeError('next: its time is before that of an earlier cosignature');
    this.#lastTime = next.time;
    const settled = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ next, settle: (failure) => (failure === undefined ? resolve() : reject(failure)) });
    });
    this.#coming.set(next.origin, { next, settled });
    this.#writing ??= this.#writeAll();
    await settled;
    return true;
  }

  /** What was being stored is stored first. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#journal.close();
    await this.#lock.release();
  }

  /** What gathers while one write is under way shares the next one. Rejects for a bug, which ends the process. */
  async #writeAll(): Promise<void> {
    for (;;) {
      const batch = this.#waiting;
      this.#waiting = [];
      if (batch.length === 0) break;
      try {
        await this.#journal.append(batch.map(({ next }) => asRecord(next)));
      } catch (error) {
        if (!(error instanceof CommandFailure)) throw error;
        this.#giveUp(batch, error);
        continue;
      }
      for (const { next, settle } of batch) {
        this.#newest.set(next.origin, next);
        this.#originOfHash.set(originHash(next.origin), next.origin);
        if (this.#coming.get(next.origin)?.next === next) this.#coming.delete(next.origin);
        settle();
      }
      if (this.#journal.size >= this.#rewriteAt) await this.#rewrite();
    }
    this.#writing = undefined;
  }

  /** What came meanwhile may continue what was not stored. */
  #giveUp(batch: readonly Waiting[], failure: CommandFailure): void {
    const all = [...batch, ...this.#waiting];
    this.#waiting = [];
    this.#coming.clear();
    for (const { settle } of all) settle(failure);
  }

  /** A disk without room for a second file leaves the first one as it is. If it is worse, the next append says so. */
  async #rewrite(): Promise<void> {
    try {
      await this.#journal.rewrite(this.#header, [...this.#newest.values()].map(asRecord));
      this.#rewriteAt = this.#sensibleSize();
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      this.#rewriteAt = 2 * this.#journal.size;
    }
  }

  #sensibleSize(): number {
    let least = 0;
    for (const { checkpoint } of this.#newest.values()) least += checkpoint.length;
    return Math.max(this.#rewriteAtLeast, REWRITE_AT_TIMES * least);
  }
}

export function originHash(origin: string): string {
  return hash('sha256', origin);
}

function header(witnesses: readonly string[]): object {
  return { type: TYPE, witnesses };
}

function asRecord({ time, checkpoint }: Cosigned): object {
  return { time, checkpoint };
}

function isSame(one: Cosigned | undefined, other: Cosigned | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.size === other.size && equalBytes(one.root, other.root);
}

function readHeader({ witnesses }: JsonObject, file: string): readonly string[] {
  if (isTexts(witnesses)) return witnesses;
  throw new CommandFailure('file_malformed', `${file} does not say whose memory it is`);
}

/** The newest of each log. That they only ever grew, in size and time, is looked at again: it is what all rests on. */
function readRecords(records: readonly Json[], file: string): Map<string, Cosigned> {
  const newest = new Map<string, Cosigned>();
  for (const [index, record] of records.entries()) {
    const next = readRecord(record);
    const last = next && newest.get(next.origin);
    const grew = last === undefined || (next !== undefined && last.time <= next.time && continues(last, next));
    if (next === undefined || !grew) {
      throw new CommandFailure('file_malformed', `${file}: record ${index} is not one that a witness writes`);
    }
    newest.set(next.origin, next);
  }
  return newest;
}

function continues(last: Cosigned, next: Cosigned): boolean {
  return last.size === next.size ? equalBytes(last.root, next.root) : last.size < next.size;
}

function readRecord(record: Json): Cosigned | undefined {
  const { time, checkpoint } = isObject(record) ? record : {};
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || typeof checkpoint !== 'string') return undefined;
  const note = parseNote(checkpoint);
  const parsed = note.ok ? parseCheckpoint(note.value.text) : note;
  if (!parsed.ok) return undefined;
  const { origin, size, root } = parsed.value;
  return { origin, size, root, time, checkpoint };
}

function isTexts(json: Json | undefined): json is readonly string[] {
  return Array.isArray(json) && json.every((each) => typeof each === 'string');
}
