import { type Cosigner, checkCosignature, type Primitives, parseNote } from '@assent/verifier';
import type { WitnessFailure } from '../metrics.ts';
import {
  type CallFailure,
  conflictSize,
  formatAddCheckpoint,
  getCheckpoint,
  postCheckpoint,
  type WitnessAnswer,
} from './add-checkpoint.ts';
import type { ConfiguredWitness } from './witness-settings.ts';

/** A signed head as witnesses get it. */
export type Candidate = {
  readonly size: number;
  /** The note with the log's own signatures. */
  readonly checkpoint: string;
  /** The consistency proof from a smaller size. */
  readonly proveFrom: (size: number) => Promise<readonly Uint8Array[]>;
};

export type Offered =
  | { readonly outcome: 'cosigned'; readonly line: string; readonly time: number }
  /** It says that it cosigned a larger tree. Without a checkpoint that is a claim and no more. */
  | { readonly outcome: 'ahead'; readonly size: number }
  | {
      readonly outcome: 'failed';
      readonly reason: WitnessFailure;
      readonly detail: string;
      readonly retryAfter?: number;
      /** It says that our tree does not continue the one that it cosigned. */
      readonly inconsistent?: true;
    };

export type WitnessClientOptions = {
  /** For one request. */
  readonly timeoutMs: number;
  readonly primitives: Primitives;
};

/** Asks one witness. Nothing that it answers is believed: a cosignature is returned only if it verifies. */
export class WitnessClient {
  readonly witness: ConfiguredWitness;

  /** The size that it cosigned last, by its own valid cosignature. */
  private cosignedSize = 0;
  private closed = false;
  private readonly underWay = new Set<AbortController>();
  private readonly options: WitnessClientOptions;

  constructor(witness: ConfiguredWitness, options: WitnessClientOptions) {
    this.witness = witness;
    this.options = options;
  }

  /** Ends what is under way, and asks nothing more. */
  close(): void {
    this.closed = true;
    for (const controller of this.underWay) controller.abort();
  }

  /** Another process got a cosignature of this size. */
  remember(size: number): void {
    this.cosignedSize = Math.max(this.cosignedSize, size);
  }

  /** Offers a head, and once more from the size that the witness names. Rejects only when the proof can't be made. */
  async offer(candidate: Candidate): Promise<Offered> {
    if (this.cosignedSize > candidate.size) return { outcome: 'ahead', size: this.cosignedSize };
    const first = await this.post(candidate, this.cosignedSize);
    if ('failure' in first) return failed(first.failure, first.detail);
    if (first.status !== 409) return this.read(candidate, first);
    const size = conflictSize(first);
    if (size === undefined) return contradicted('it answered 409 without a size');
    // A size beyond ours is not remembered: a witness that lies once, or was restored since, would never be asked again.
    if (size > candidate.size) return { outcome: 'ahead', size };
    const second = await this.post(candidate, size);
    if ('failure' in second) return failed(second.failure, second.detail);
    if (second.status !== 409) return this.read(candidate, second);
    return contradicted(`it named the size ${size}, and answered 409 to an offer from there`);
  }

  /** The checkpoint that it cosigned last, as it serves it to monitors; undefined if it serves none. */
  async lastCheckpoint(originHash: string): Promise<string | undefined> {
    const answer = await this.inTime((signal) => getCheckpoint(this.witness.url, originHash, signal));
    return 'status' in answer && answer.status === 200 ? answer.text : undefined;
  }

  private async post(candidate: Candidate, from: number): Promise<WitnessAnswer | CallFailure> {
    const proof = await candidate.proveFrom(from);
    const body = formatAddCheckpoint(from, proof, candidate.checkpoint);
    return this.inTime((signal) => postCheckpoint(this.witness.url, body, signal));
  }

  /** Not AbortSignal.any with one signal for all requests: what depends on a long-lived signal is never let go. */
  private async inTime<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    if (this.closed) controller.abort();
    this.underWay.add(controller);
    const timer = setTimeout(() => controller.abort(), this.options.timeoutMs);
    try {
      return await call(controller.signal);
    } finally {
      clearTimeout(timer);
      this.underWay.delete(controller);
    }
  }

  private async read(candidate: Candidate, answer: WitnessAnswer): Promise<Offered> {
    const { status, text, retryAfter } = answer;
    if (status === 422)
      return contradicted('it answered 422: for it, our tree does not continue the one that it knows');
    if (status !== 200) {
      const hint = status === 404 || status === 403 ? ' (does it know this log and its key?)' : '';
      return { ...failed('refused', `it answered ${status}${hint}`), ...(retryAfter !== undefined && { retryAfter }) };
    }
    const cosignature = await this.findCosignature(candidate.checkpoint, text);
    if (cosignature === undefined) return failed('invalid', 'its answer holds no valid cosignature by its key');
    this.cosignedSize = candidate.size;
    return { outcome: 'cosigned', ...cosignature };
  }

  /** The line among these that is its valid cosignature of the checkpoint. */
  async findCosignature(
    checkpoint: string,
    lines: string,
  ): Promise<{ readonly line: string; readonly time: number } | undefined> {
    const { cosigner } = this.witness;
    const note = parseNote(checkpoint + lines);
    // Without a line of its own end the text would belong to the checkpoint's last line, or hold another note.
    if (!note.ok || !checkpoint.startsWith(note.value.text)) return undefined;
    for (const { name, keyId, signature, line } of note.value.signatures) {
      if (name !== cosigner.name || keyId !== cosigner.keyId) continue;
      const checked = await this.check(cosigner, signature, note.value.text);
      if (checked !== undefined) return { line, time: checked };
    }
    return undefined;
  }

  private async check(cosigner: Cosigner, signature: Uint8Array, text: string): Promise<number | undefined> {
    const time = await checkCosignature(cosigner, signature, text, this.options.primitives);
    return time.ok ? time.value : undefined;
  }
}

function failed(reason: WitnessFailure, detail: string): Offered & { outcome: 'failed' } {
  return { outcome: 'failed', reason, detail };
}

function contradicted(detail: string): Offered {
  return { ...failed('conflict', detail), inconsistent: true };
}
