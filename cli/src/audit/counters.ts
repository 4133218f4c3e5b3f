/** What an audit counts of entries. Workers count their bundles into arrays in this order. */
export const COUNTERS = [
  'approved',
  'rejected',
  'expired',
  'consumptions',
  'trust_roots',
  'foreign',
  'sealed',
  'withheld',
  /** In bundles that could not be read. */
  'unread',
  /** Versions of trust roots of which it could not be told what they follow. */
  'unfollowed',
  /** Approvals whose intent is public. */
  'revealed',
  /** Of a type or with an algorithm that this version does not know. */
  'unsupported',
  'passkeys',
  'keys',
  'es256',
  'ed25519',
  'rs256',
  'ml_dsa_44',
  /** Approvals that name the pinned trust root, and what became of them. */
  'own',
  'own_trusted',
  'own_by_policy',
  'own_without_intent',
  /** Approvals of other organizations, or of none. */
  'others',
] as const;

export type Counter = (typeof COUNTERS)[number];

const PLACES = new Map<Counter, number>(COUNTERS.map((name, place) => [name, place]));

export class Counters {
  readonly values: Float64Array;

  constructor(values: ArrayLike<number> = new Float64Array(COUNTERS.length)) {
    this.values = Float64Array.from(values);
  }

  add(counter: Counter, count = 1): void {
    this.values[PLACES.get(counter)!]! += count;
  }

  addAll(values: Float64Array): void {
    for (let i = 0; i < values.length; i++) this.values[i]! += values[i]!;
  }

  get(counter: Counter): number {
    return this.values[PLACES.get(counter)!]!;
  }
}
