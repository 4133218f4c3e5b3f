import { parseCheckpoint, parseNote, type Sha256 } from '@assent/verifier';
import type { LogTimeline } from '../log-timeline.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { extendsHead } from './extends-head.ts';
import type { HeadSigner } from './head-signer.ts';
import type { Published } from './publisher.ts';

const CACHED = 256;

export type CheckpointCompleterOptions = {
  readonly signer: HeadSigner;
  readonly timeline: LogTimeline;
  readonly cache: TileCache;
  readonly sha256: Sha256;
};

/**
 * Cosigned checkpoints are kept for good, and bear the lines of the keys that signed then. After a rotation a verifier that
 * pins the new key alone would find no line that it knows. So each gets the lines of the keys that are active now when it is
 * served. Its cosignatures stay good: they cover the text, which does not change.
 */
export class CheckpointCompleter {
  private readonly options: CheckpointCompleterOptions;
  private readonly completed = new Map<string, Promise<string>>();
  private completedAt = -1;

  constructor(options: CheckpointCompleterOptions) {
    this.options = options;
  }

  /**
   * A checkpoint of an earlier head with the lines of all keys that are active at the newest one.
   *
   * It is signed only if `newest` provably extends its head: what lies in a database, or bears the signature of a key that
   * was retired long ago, must not become a statement of today's key without a look.
   *
   * @throws an Error for a checkpoint that is not of this log's tree
   */
  complete(checkpoint: string, newest: Published): Promise<string> {
    // Not the newest change that is known: its head may not be signed yet, and its keys don't sign before that.
    const change = this.options.timeline.changeAt(newest.head.seq);
    if (change !== this.completedAt) this.completed.clear();
    this.completedAt = change;
    const known = this.completed.get(checkpoint);
    if (known !== undefined) return known;
    const made = this.make(checkpoint, newest);
    this.completed.set(checkpoint, made);
    made.catch(() => this.completed.delete(checkpoint));
    if (this.completed.size > CACHED) this.completed.delete(this.completed.keys().next().value!);
    return made;
  }

  private async make(checkpoint: string, newest: Published): Promise<string> {
    const { signer, cache, sha256 } = this.options;
    const note = parseNote(checkpoint);
    const head = note.ok ? parseCheckpoint(note.value.text) : note;
    if (!note.ok || !head.ok) throw new Error(`a kept checkpoint is malformed: ${head.ok ? '' : head.detail}`);
    const { origin, extensions, size } = head.value;
    const ours = origin === signer.origin && extensions.length === 0;
    if (!ours || !(await extendsHead(head.value, newest, cache, sha256))) {
      throw new Error(`a kept checkpoint of size ${size} is not a head of this log`);
    }
    return signer.complete(note.value, newest.head.seq);
  }
}
