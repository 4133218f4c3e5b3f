/**
 * What a witness answers (https://c2sp.org/tlog-witness), without HTTP. In the order of the specification: the body's form,
 * the log, its signature, the old size against the checkpoint's and against its own, the proof; then it is stored, and only
 * then does a cosignature leave.
 */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import {
  checkConsistency,
  emptyRoot,
  equalBytes,
  type Note,
  type NoteVerifier,
  type Primitives,
  type PublicKey,
  verifyNote,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { parseAddCheckpoint } from './add-checkpoint.ts';
import { steadyClock } from './steady-clock.ts';
import type { WitnessKey } from './witness-key.ts';
import type { Cosigned, WitnessState } from './witness-state.ts';

/** The closed list of what can come of a call. */
export type Refusal =
  | 'malformed'
  | 'too_large'
  | 'unknown_log'
  | 'not_signed'
  | 'old_size_larger'
  | 'inconsistent'
  | 'clock'
  | 'not_stored';

export type WitnessAnswer =
  | { readonly outcome: 'cosigned'; readonly lines: string }
  /** The size that was cosigned last. */
  | { readonly outcome: 'conflict'; readonly size: number }
  | { readonly outcome: Refusal; readonly detail: string };

export type Logs = ReadonlyMap<string, readonly NoteVerifier[]>;

/** What whoever runs it wants to know, beside the answers. */
export type WitnessEvent =
  /** Two checkpoints of one size with different roots, both signed by the log, which proves that it misbehaved. */
  | { readonly kind: 'fork'; readonly cosigned: Cosigned; readonly offered: string }
  | { readonly kind: 'not_stored'; readonly failure: CommandFailure }
  | { readonly kind: 'clock'; readonly detail: string };

export type WitnessParts = {
  readonly keys: readonly WitnessKey[];
  readonly state: WitnessState;
  readonly logs: Logs;
  /** Milliseconds since the epoch; undefined while the clock is not to be believed. */
  readonly now?: () => number | undefined;
  /** Awaited between the checks and the storing: where another call for the same log may come in between. */
  readonly beforeStoring?: (checked: { readonly origin: string; readonly size: number }) => Promise<void>;
  readonly onEvent?: (event: WitnessEvent) => void;
};

export class Witness {
  /** Whose checkpoints are cosigned. May be changed at any time. */
  logs: Logs;
  readonly #keys: readonly WitnessKey[];
  readonly #state: WitnessState;
  readonly #now: () => number | undefined;
  readonly #beforeStoring: NonNullable<WitnessParts['beforeStoring']>;
  readonly #onEvent: NonNullable<WitnessParts['onEvent']>;

  constructor({ keys, state, logs, now = steadyClock(), beforeStoring, onEvent = () => undefined }: WitnessParts) {
    this.logs = logs;
    this.#keys = keys;
    this.#state = state;
    this.#now = now;
    this.#beforeStoring = beforeStoring ?? (() => Promise.resolve());
    this.#onEvent = onEvent;
  }

  /** Rejects for a bug alone. */
  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    const request = parseAddCheckpoint(body);
    if (!request.ok) return refuse(request.code === 'too_large' ? 'too_large' : 'malformed', request.detail);
    const { oldSize, proof, unverifiedNote, checkpoint } = request.value;
    const { origin, size, root } = checkpoint;
    const logKeys = this.logs.get(origin);
    if (logKeys === undefined) return refuse('unknown_log', 'this witness does not know a log of that origin');
    const signed = await verifyNote(unverifiedNote, logKeys, primitives);
    if (!signed.ok) return refuse('not_signed', signed.detail);
    if (oldSize > size) return refuse('old_size_larger', 'the old size is larger than the size of the checkpoint');

    const newest = this.#state.newestOf(origin);
    if (oldSize !== (newest?.size ?? 0)) return this.#conflict(origin);
    if (size === 0 && !equalBytes(root, emptyRoot(sha256))) {
      return refuse('inconsistent', 'the root of size 0 is not the root of the empty tree');
    }
    const fromRoot = oldSize === 0 ? undefined : newest?.root;
    const consistent = checkConsistency({ from: oldSize, to: size, fromRoot, toRoot: root, proof }, sha256);
    const note = { ...unverifiedNote, signatures: unverifiedNote.signatures.filter((line) => isBy(line, logKeys)) };
    if (!consistent.ok) {
      if (newest?.size === size && !equalBytes(newest.root, root)) {
        this.#onEvent({ kind: 'fork', cosigned: newest, offered: formatLines(note, []) });
      }
      return refuse('inconsistent', consistent.detail);
    }

    await this.#beforeStoring({ origin, size });
    const now = this.#now();
    if (now === undefined) return this.#wrongClock('the clock leapt ahead');
    const time = Math.floor(now / 1000);
    if (time < this.#state.lastTime) return this.#wrongClock('the clock is behind the newest cosignature');
    const lines = this.#keys.map((key) => key.cosign({ text: note.text, origin, size, root }, time));
    const next = { origin, size, root, time, checkpoint: formatLines(note, lines) };
    try {
      if (!(await this.#state.replace(newest, next))) return this.#conflict(origin);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      this.#onEvent({ kind: 'not_stored', failure: error });
      return refuse('not_stored', 'this witness can store nothing at the moment');
    }
    return { outcome: 'cosigned', lines: lines.join('') };
  }

  /** What was cosigned last, as a signed note. @param originHash SHA-256 in hex. */
  checkpointOf(originHash: string): string | undefined {
    return this.#state.newestOfHash(originHash)?.checkpoint;
  }

  #wrongClock(detail: string): WitnessAnswer {
    this.#onEvent({ kind: 'clock', detail });
    return refuse('clock', detail);
  }

  #conflict(origin: string): WitnessAnswer {
    return { outcome: 'conflict', size: this.#state.newestOf(origin)?.size ?? 0 };
  }
}

const sha256 = (data: Uint8Array): Uint8Array => hash('sha256', data, 'buffer');

/** Keys come from the list of logs, so they live as long as that. */
const imported = new WeakMap<PublicKey, KeyObject>();

function importKey(key: PublicKey): KeyObject {
  const known = imported.get(key);
  if (known !== undefined) return known;
  const native = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
  imported.set(key, native);
  return native;
}

/** Ed25519 alone, as the keys of logs are; on the thread pool, so that it uses the cores that the event loop leaves. */
const primitives: Primitives = {
  sha256,
  verifySignature: (key, signature, message) =>
    new Promise((resolve, reject) => {
      verify(null, message, importKey(key), signature, (error, valid) => {
        if (error === null) resolve(valid);
        else reject(error);
      });
    }),
};

/** After `verifyNote` took the note: every line by one of the keys was verified. */
function isBy({ name, keyId }: Note['signatures'][number], keys: readonly NoteVerifier[]): boolean {
  return keys.some((key) => key.name === name && key.keyId === keyId);
}

/** Each line once: whoever sends it a hundred times must not have it stored so often. */
function formatLines({ text, signatures }: Note, cosignatures: readonly string[]): string {
  return `${text}\n${[...new Set(signatures.map(({ line }) => line)), ...cosignatures].join('')}`;
}

function refuse(outcome: Refusal, detail: string): WitnessAnswer {
  return { outcome, detail };
}
