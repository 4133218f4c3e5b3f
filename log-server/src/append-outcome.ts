/** How far an entry has to get before its append is answered. */
export const WAITS = ['none', 'signed', 'witnessed'] as const;
export type Wait = (typeof WAITS)[number];

/**
 * The evidence that was waited for: the receipt, each byte of its UTF-8 as a character, so that it is sent as `latin1`.
 * `created` is false where the entry was there already.
 */
export type Receipted = { readonly created: boolean; readonly index: number; readonly receiptText: string };

/**
 * The entry has its place, and the evidence is still to come: `stored` is durable without a signed head, `signed` is
 * covered by one that the witness quorum has not cosigned.
 */
export type Pending = { readonly created: boolean; readonly index: number; readonly state: 'stored' | 'signed' };

export type AppendOutcome = Receipted | Pending;
