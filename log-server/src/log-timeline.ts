import { equalBytes } from '@assent/verifier';

/** The log's end: no head comes after `seq`. Times are in ms since the epoch. */
export type Closure = {
  readonly seq: number;
  readonly at: number;
  /** Where the log goes on: an origin, vkey or address; undefined: nowhere. */
  readonly successor: string | undefined;
  readonly reason: string | undefined;
};

/**
 * A change to the log as a whole, which holds from head `seq` on. A rotation begins with the successor's key (both sign),
 * and ends with that key alone, or, cancelled, with the one before.
 */
export type LogChange = { readonly seq: number; readonly at: number } & (
  | { readonly kind: 'rotate-start'; readonly publicKey: Uint8Array }
  | { readonly kind: 'rotate-finish' | 'rotate-cancel' }
  | { readonly kind: 'close'; readonly successor: string | undefined; readonly reason: string | undefined }
);

/** Which keys sign the heads of a stretch of the chain, and whether it has ended. Public keys are raw Ed25519. */
export type LogState = {
  /** The key that signs; during a rotation the older one. */
  readonly current: Uint8Array;
  /** During a rotation the key that signs as well, since the head `seq`. */
  readonly successor: { readonly publicKey: Uint8Array; readonly seq: number; readonly at: number } | undefined;
  /** Keys that signed once and do no more, the oldest first. */
  readonly retired: readonly { readonly publicKey: Uint8Array; readonly at: number }[];
  readonly closed: Closure | undefined;
};

/**
 * What the chain of heads says about the log itself. Every process must sign the same bytes for one head, so the keys
 * belong to the head: a change is inserted together with a head, and whoever reads that head reads the change before it
 * signs or extends anything ({@link LogTimeline.learn}).
 */
export class LogTimeline {
  private readonly firstKey: Uint8Array;
  private changes: readonly LogChange[];

  /** @param firstKey the key with which the log began. @param changes in the order of the chain */
  constructor(firstKey: Uint8Array, changes: readonly LogChange[] = []) {
    this.firstKey = firstKey;
    this.changes = changes;
  }

  /** The head of the newest change that is known; -1 if there was none. */
  get lastChange(): number {
    return this.changes.at(-1)?.seq ?? -1;
  }

  /** Takes a newer list. An older one, read before another caller's, is ignored. */
  learn(changes: readonly LogChange[]): void {
    if ((changes.at(-1)?.seq ?? -1) > this.lastChange) this.changes = changes;
  }

  /** The head of the newest change that holds at the head `seq`; -1 if none does. */
  changeAt(seq: number): number {
    return this.changes.findLast((change) => change.seq <= seq)?.seq ?? -1;
  }

  /** As of the head `seq`; by default as of the newest change. */
  at(seq = Number.MAX_SAFE_INTEGER): LogState {
    let state: LogState = { current: this.firstKey, successor: undefined, retired: [], closed: undefined };
    for (const change of this.changes) {
      if (change.seq > seq) break;
      state = apply(state, change);
    }
    return state;
  }
}

/** The keys that sign, the older one first. */
export function activeKeys({ current, successor }: LogState): readonly Uint8Array[] {
  return successor === undefined ? [current] : [current, successor.publicKey];
}

/** Whether the key signs or ever signed this log's heads. */
export function isKnownKey(state: LogState, publicKey: Uint8Array): boolean {
  const known = [...activeKeys(state), ...state.retired.map((retired) => retired.publicKey)];
  return known.some((key) => equalBytes(key, publicKey));
}

function apply(state: LogState, change: LogChange): LogState {
  const { seq, at } = change;
  const { current, successor, retired } = state;
  switch (change.kind) {
    case 'rotate-start':
      return { ...state, successor: { publicKey: change.publicKey, seq, at } };
    case 'rotate-finish':
      if (successor === undefined) return state;
      return {
        ...state,
        current: successor.publicKey,
        successor: undefined,
        retired: [...retired, { publicKey: current, at }],
      };
    case 'rotate-cancel':
      if (successor === undefined) return state;
      return { ...state, successor: undefined, retired: [...retired, { publicKey: successor.publicKey, at }] };
    case 'close':
      return { ...state, closed: { seq, at, successor: change.successor, reason: change.reason } };
  }
}
