/** The folder in which an audit keeps what it remembers. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { CommandFailure } from '../failure.ts';
import { fileFailure } from '../files/file-failure.ts';
import type { HolderOptions } from '../files/holder.ts';
import { makeFolder } from '../files/make-folder.ts';
import { StateFile } from '../files/state-file.ts';
import { type AuditProgress, type AuditState, auditStateFormat, type SeenHead } from './audit-state.ts';
import { RECORD_SIZE, SALT_SIZE } from './consumption-records.ts';
import { KEY_SIZE } from './entry-names.ts';
import { RecordFile } from './record-file.ts';

const STATE_FILE = 'audit.json';
/** Heads that are kept beside the largest one. */
const MOST_HEADS = 8;

export type AuditFiles = {
  readonly statements: RecordFile;
  readonly identities: RecordFile;
  readonly consumables: RecordFile;
  readonly consumptions: RecordFile;
  readonly trustRoots: RecordFile;
};

/** The folder for a log below the user's own (XDG Base Directory Specification), which other logs of that name do not share. */
export function defaultFolder(origin: string): string {
  const base = process.env.XDG_STATE_HOME || path.join(homedir(), '.local', 'state');
  const digest = createHash('sha256').update(origin).digest('hex').slice(0, 8);
  return path.join(base, 'assent', 'audit', `${origin.replace(/[^A-Za-z0-9.-]/g, '_').slice(0, 100)}-${digest}`);
}

export class AuditStore {
  /** Absolute. */
  readonly folder: string;
  readonly #isTemporary: boolean;
  readonly #file: StateFile<AuditState>;
  #state: AuditState;

  private constructor(folder: string, isTemporary: boolean, file: StateFile<AuditState>, state: AuditState) {
    this.folder = folder;
    this.#isTemporary = isTemporary;
    this.#file = file;
    this.#state = state;
  }

  /** Throws CommandFailure: `in_use`, `state_newer`, `file_unwritable`, `file_malformed`, `usage` for the state of another log. */
  static async open(folder: string | undefined, origin: string, options?: HolderOptions): Promise<AuditStore> {
    const made = folder === undefined ? await makeTemporary() : await make(folder);
    const file = await StateFile.open(path.join(made, STATE_FILE), auditStateFormat, options);
    const state = file.state ?? {
      origin,
      salt: randomBytes(SALT_SIZE),
      seed: randomBytes(4).readInt32LE(0),
      heads: [],
      progress: undefined,
    };
    if (state.origin !== origin) {
      await file.close();
      const message = `${made} is what audits of ${state.origin} remember, and this is ${origin}: pass another folder as --state`;
      throw new CommandFailure('usage', message);
    }
    return new AuditStore(made, folder === undefined, file, state);
  }

  get state(): AuditState {
    return this.#state;
  }

  /** Whether it is gone afterwards. */
  get isTemporary(): boolean {
    return this.#isTemporary;
  }

  /** The files as far as `progress` says; undefined if they are shorter, so that it is worth nothing. */
  async openFiles(progress: AuditProgress | undefined): Promise<AuditFiles | undefined> {
    const { position = 0, records = { consumables: 0, consumptions: 0, trustRoots: 0 } } = progress ?? {};
    const open = (name: string, size: number, count: number) =>
      RecordFile.open(path.join(this.folder, name), size, count);
    const opened = {
      statements: await open('statements.keys', KEY_SIZE, position),
      identities: await open('identities.keys', KEY_SIZE, position),
      consumables: await open('consumables.records', RECORD_SIZE, records.consumables),
      consumptions: await open('consumptions.records', RECORD_SIZE, records.consumptions),
      trustRoots: await open('trust-roots.lines', 1, records.trustRoots),
    };
    const { statements, identities, consumables, consumptions, trustRoots } = opened;
    if (statements && identities && consumables && consumptions && trustRoots)
      return { statements, identities, consumables, consumptions, trustRoots };
    for (const file of Object.values(opened)) await file?.close();
    return undefined;
  }

  /** Remembers a head whose signature was verified. */
  async saw(head: SeenHead): Promise<void> {
    const others = this.#state.heads.filter(({ note }) => textOf(note) !== textOf(head.note));
    const largest = [...others, head].reduce((best, each) => (each.size > best.size ? each : best));
    const newest = [...others, head].slice(-MOST_HEADS);
    const heads = newest.includes(largest) ? newest : [largest, ...newest];
    await this.#save({ ...this.#state, heads });
  }

  async save(progress: AuditProgress | undefined): Promise<void> {
    await this.#save({ ...this.#state, progress });
  }

  async close(): Promise<void> {
    await this.#file.close();
    if (this.#isTemporary) await rm(this.folder, { recursive: true, force: true });
  }

  async #save(state: AuditState): Promise<void> {
    this.#state = state;
    await this.#file.save(state);
  }
}

/** What the log signed, whoever cosigned it. */
function textOf(note: string): string {
  return note.slice(0, note.lastIndexOf('\n\n'));
}

async function make(folder: string): Promise<string> {
  await makeFolder(folder, 0o700);
  return path.resolve(folder);
}

async function makeTemporary(): Promise<string> {
  try {
    return await mkdtemp(path.join(tmpdir(), 'assent-audit-'));
  } catch (error) {
    throw fileFailure('file_unwritable', 'write', tmpdir(), error);
  }
}
