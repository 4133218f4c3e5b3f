/**
 * An append-only file of records, on disk before `append` returns.
 *
 *     8a0f… {"type":"assent/witness-state/v1",…}       the header: what wrote it, and whose it is
 *     51d2… [{…},{…}]                                  records that were appended together: one line, one write, one sync
 *
 * A line begins with the first 16 bytes, in hex, of SHA-256(sum of the line above ‖ JSON), so no line can be changed, lost,
 * doubled or moved without breaking all that follow.
 *
 * What a crash leaves: a line counts from the sync that follows its write, and nobody was told of one that was still being
 * written. So the file may end in a line that is cut off, or one with sectors that never came to the disk and read as
 * zeros. Such a torn line is dropped. Any other line that does not fit its sum is damage, be it the last one, and the file
 * is refused: what it said may have been told to others, and forgetting that is worse than standing still.
 *
 * A file that was cut exactly between two lines, or an older copy of it, can't be told from a good one.
 */
import { hash } from 'node:crypto';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Json, JsonObject } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { createWhole } from '../files/create-whole.ts';
import { fileFailure } from '../files/file-failure.ts';
import { replaceWhole } from '../files/replace-whole.ts';
import { isNewer } from '../files/state-file.ts';
import { syncFolder } from '../files/sync-folder.ts';
import { isObject } from '../http/problem.ts';

const SUM_LENGTH = 32;
const SECTOR = 512;
const NEWLINE = 0x0a;
/** In which the type stands. */
const MAX_HEAD = 1024;
const TYPE = /"type":"([^"]*)"/;
/** Of a file that is written anew. */
const RECORDS_A_LINE = 1000;

export type JournalContent = { readonly header: JsonObject; readonly records: readonly Json[] };

/** What a journal asks of the system; tests put one that fails in its place. */
export type JournalDisk = {
  open(file: string): Promise<JournalFile>;
  readonly replaceWhole: typeof replaceWhole;
  readonly syncFolder: typeof syncFolder;
};
export type JournalFile = {
  stat(): Promise<{ readonly size: number; readonly nlink: number }>;
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
};

export const journalDisk: JournalDisk = {
  open: (file): Promise<FileHandle> => open(file, 'r+'),
  replaceWhole,
  syncFolder,
};

type End = { readonly sum: string; readonly length: number };

export class Journal {
  readonly #path: string;
  readonly #disk: JournalDisk;
  #file: JournalFile;
  #end: End;
  #broken: CommandFailure | undefined;

  private constructor(target: string, disk: JournalDisk, file: JournalFile, end: End) {
    this.#path = target;
    this.#disk = disk;
    this.#file = file;
    this.#end = end;
  }

  /** Makes the file, whole or not at all. Throws CommandFailure: `file_exists` rather than replace one. */
  static async create(target: string, header: object): Promise<void> {
    if (await createWhole(target, formatLines([header]).text)) return;
    throw new CommandFailure('file_exists', `${target} exists already, and is never overwritten`);
  }

  /**
   * What it holds, while another process may be writing. Throws CommandFailure: `file_malformed` for a damaged one or one of
   * another type, `state_newer` for a newer version of that type.
   */
  static async read(target: string, type: string): Promise<JournalContent> {
    return parseJournal(await readBytes(target), target, type).content;
  }

  /** To write, as the holder of its lock. Throws as {@link read}. */
  static async open(
    target: string,
    type: string,
    disk = journalDisk,
  ): Promise<{ journal: Journal; content: JournalContent }> {
    const bytes = await readBytes(target);
    const { content, end } = parseJournal(bytes, target, type);
    let file: JournalFile | undefined;
    try {
      file = await disk.open(target);
      const journal = new Journal(target, disk, file, end);
      // What follows would stand behind the torn line, and be taken for a part of it.
      if (end.length < bytes.length) await journal.#cut();
      return { journal, content };
    } catch (error) {
      await file?.close();
      throw fileFailure('file_unwritable', 'write', target, error);
    }
  }

  /** In bytes. */
  get size(): number {
    return this.#end.length;
  }

  /** Why nothing more can be written until the file was opened anew; undefined while it can. */
  get broken(): CommandFailure | undefined {
    return this.#broken;
  }

  /**
   * Resolves when the records would survive a crash of the machine. When it rejects (CommandFailure), none of them is in the file;
   * or `broken` is set, and nobody knows. One call at a time.
   */
  async append(records: readonly object[]): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    await this.#checkAlone();
    const line = Buffer.from(formatLine(this.#end.sum, records));
    try {
      await this.#write(line);
    } catch (error) {
      // A full disk may have taken a part of it.
      await this.#cut().catch((failed: unknown) => this.#break('write', failed));
      throw this.#failure('write', error);
    }
    // The kernel reports a failed sync once, and then takes what it could not write for written. So no second try.
    await this.#file.datasync().catch((error: unknown) => {
      throw this.#break('sync', error);
    });
    this.#end = { sum: line.toString('latin1', 0, SUM_LENGTH), length: this.#end.length + line.length };
  }

  /** Puts a file with these records in the place of this one. When it rejects the old one goes on, or `broken` is set. */
  async rewrite(header: object, records: readonly object[]): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    const batches: object[] = [header];
    for (let i = 0; i < records.length; i += RECORDS_A_LINE) batches.push(records.slice(i, i + RECORDS_A_LINE));
    const { text, end } = formatLines(batches);
    await this.#checkAlone();
    await this.#disk.replaceWhole(this.#path, text, 0o600).catch((error: unknown) => {
      throw this.#failure('write', error);
    });
    // The old file has no name any more. If the new one's name were lost in a crash, so would be what is appended from here on.
    try {
      await this.#disk.syncFolder(path.dirname(this.#path));
      const file = await this.#disk.open(this.#path);
      await this.#file.close();
      this.#file = file;
      this.#end = end;
    } catch (error) {
      throw this.#break('write', error);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** A lock does not reach into another machine or container, and two that append would be two histories. */
  async #checkAlone(): Promise<void> {
    const { size, nlink } = await this.#file.stat().catch((error: unknown) => {
      throw this.#failure('read', error);
    });
    if (size === this.#end.length && nlink > 0) return;
    this.#broken = new CommandFailure('in_use', `${this.#path} was changed by someone else: nothing more is written`);
    throw this.#broken;
  }

  async #write(line: Uint8Array): Promise<void> {
    for (let done = 0; done < line.length; ) {
      const { bytesWritten } = await this.#file.write(line, done, line.length - done, this.#end.length + done);
      done += bytesWritten;
    }
  }

  async #cut(): Promise<void> {
    await this.#file.truncate(this.#end.length);
    await this.#file.datasync();
  }

  #break(doing: string, error: unknown): CommandFailure {
    this.#broken = this.#failure(doing, error);
    return this.#broken;
  }

  #failure(doing: string, error: unknown): CommandFailure {
    return fileFailure('file_unwritable', doing, this.#path, error);
  }
}

async function readBytes(target: string): Promise<Uint8Array> {
  try {
    return await readFile(target);
  } catch (error) {
    throw fileFailure('file_unreadable', 'read', target, error);
  }
}

function sumOf(previous: string, json: string): string {
  return hash('sha256', previous + json).slice(0, SUM_LENGTH);
}

function formatLine(previous: string, document: object): string {
  const json = JSON.stringify(document);
  return `${sumOf(previous, json)} ${json}\n`;
}

function formatLines(documents: readonly object[]): { readonly text: string; readonly end: End } {
  const lines: string[] = [];
  let sum = '';
  let length = 0;
  for (const document of documents) {
    const line = formatLine(sum, document);
    sum = line.slice(0, SUM_LENGTH);
    length += Buffer.byteLength(line);
    lines.push(line);
  }
  return { text: lines.join(''), end: { sum, length } };
}

/** Throws as {@link Journal.read}. @param file for messages. */
export function parseJournal(
  bytes: Uint8Array,
  file: string,
  type: string,
): { readonly content: JournalContent; readonly end: End } {
  // Before all else: a newer version may have other lines.
  const found = TYPE.exec(Buffer.from(bytes.subarray(0, MAX_HEAD)).toString('latin1'))?.[1] ?? '';
  if (isNewer(found, type)) {
    throw new CommandFailure(
      'state_newer',
      `${file} was written by a newer version of assent (${found}): use that one`,
    );
  }
  const documents: Json[] = [];
  let end: End = { sum: '', length: 0 };
  while (end.length < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, end.length);
    const json = newline < 0 ? undefined : jsonOf(bytes.subarray(end.length, newline), end.sum);
    if (json === undefined) break;
    documents.push(JSON.parse(json) as Json);
    end = { sum: sumOf(end.sum, json), length: newline + 1 };
  }
  const rest = bytes.subarray(end.length);
  const [header, ...batches] = documents;
  // The header was there whole before the file had its name.
  if (header === undefined || (rest.length > 0 && !isTorn(rest, end))) {
    const message = `${file} is damaged at byte ${end.length}, and was left as it is: it can't be trusted to hold all that was written`;
    throw new CommandFailure('file_malformed', message);
  }
  if (!isObject(header) || header.type !== type) throw new CommandFailure('file_malformed', `${file} is not a ${type}`);
  return { content: { header, records: batches.flat() }, end };
}

/** The JSON of a line (without its newline) that fits its sum. */
function jsonOf(line: Uint8Array, previous: string): string | undefined {
  const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8');
  const json = text.slice(SUM_LENGTH + 1);
  return text === `${sumOf(previous, json)} ${json}` ? json : undefined;
}

/** Whether this is what remains of a line whose write a crash cut short, rather than a line that was whole once. */
function isTorn(rest: Uint8Array, { sum, length }: End): boolean {
  let hasHole = false;
  for (let start = 0, stop: number; start < rest.length; start = stop) {
    stop = Math.min(rest.length, start + SECTOR - ((length + start) % SECTOR));
    const sector = rest.subarray(start, stop);
    if (sector.every((byte) => byte === 0)) hasHole = true;
    else if (sector.some((byte, i) => byte < 0x20 && (byte !== NEWLINE || start + i !== rest.length - 1))) return false;
  }
  // A whole line but for its newline was whole.
  return hasHole || (rest.at(-1) !== NEWLINE && jsonOf(rest.subarray(0, -1), sum) === undefined);
}
