import { formatNote, parseNote, type VerifiedCosignature } from '@assent/verifier';
import type { ConfiguredWitness } from './witness-settings.ts';

/** How many heads may still get cosignatures at once: slow witnesses may be some rounds behind. */
const HELD_HEADS = 16;

export type HeldCosignature = { readonly witness: ConfiguredWitness; readonly line: string; readonly time: number };

/** What a witness said of one head: the first cosignature is evidence of when it saw it, the newest that it still does. */
type OfHead = { readonly first: Map<string, HeldCosignature>; readonly newest: Map<string, HeldCosignature> };

/** Verified cosignatures of the newest heads, by size: a log has one root at a size, so the size names the head. */
export class PendingCosignatures {
  private readonly heads = new Map<number, OfHead>();
  /** The last note that was put together, as the same is asked for again and again. */
  private made: { readonly from: string; readonly count: number; readonly note: string } | undefined;
  private changes = 0;

  add(size: number, cosignature: HeldCosignature): void {
    const { vkey } = cosignature.witness.cosigner;
    const held = this.heads.get(size) ?? { first: new Map(), newest: new Map() };
    if (!held.first.has(vkey)) held.first.set(vkey, cosignature);
    held.newest.set(vkey, cosignature);
    this.heads.set(size, held);
    this.changes++;
    if (this.heads.size > HELD_HEADS) this.heads.delete(Math.min(...this.heads.keys()));
  }

  has(size: number, vkey: string, line: string): boolean {
    return this.heads.get(size)?.newest.get(vkey)?.line === line;
  }

  /** What counts for the quorum: the first cosignature of each witness. */
  verified(size: number): readonly VerifiedCosignature[] {
    return this.firstOf(size).map(({ witness, time }) => ({ cosigner: witness.cosigner, time }));
  }

  /** The checkpoint of this size with each witness's first cosignature. */
  withFirst(size: number, checkpoint: string): string {
    return withLines(checkpoint, this.firstOf(size));
  }

  /** The same with each witness's newest one. */
  withNewest(size: number, checkpoint: string): string {
    const held = this.heads.get(size);
    if (held === undefined) return checkpoint;
    if (this.made?.from === checkpoint && this.made.count === this.changes) return this.made.note;
    const note = withLines(checkpoint, [...held.newest.values()]);
    this.made = { from: checkpoint, count: this.changes, note };
    return note;
  }

  private firstOf(size: number): readonly HeldCosignature[] {
    return [...(this.heads.get(size)?.first.values() ?? [])];
  }
}

function withLines(checkpoint: string, cosignatures: readonly HeldCosignature[]): string {
  const note = parseNote(checkpoint);
  if (!note.ok) throw new TypeError('checkpoint: not a note');
  const lines = cosignatures.map(({ line }) => line);
  return formatNote(note.value.text, [...note.value.signatures.map(({ line }) => line), ...lines]);
}
