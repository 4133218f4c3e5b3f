/** What goes to a worker and what comes back: plain data and transferred memory. */
import type { VerifiedTrustRoot } from '@assent/verifier';
import type { Finding } from './findings.ts';

export type JudgeSettings = {
  readonly origin: string;
  /** 32 bytes for `fit`, and a seed for the keys of names. */
  readonly salt: Uint8Array;
  readonly seed: number;
  /** The user's own trust root, and the policy if there is one. `at` in milliseconds. */
  readonly authority?: {
    readonly trustRoot: VerifiedTrustRoot;
    readonly approvalPolicy?: Uint8Array;
    readonly at?: number;
  };
};

/** In the place of a length: the entry's bytes were not to be had. */
export const ABSENT = 0xffff_ffff;

export type BundleJob = {
  /** Index of the first entry. */
  readonly first: number;
  /** Each entry behind `gap` bytes, the last of which becomes the zero that makes it the input of its leaf hash. */
  readonly bytes: Uint8Array;
  readonly gap: number;
  /** Of each entry, without the zero, or {@link ABSENT}. */
  readonly lengths: Uint32Array;
  /** The hashes that the log serves for these leaves; undefined if it serves none that can be read. */
  readonly tile: Uint8Array | undefined;
  /** Whether absent entries are withheld, or their bundle could not be read. */
  readonly isRead: boolean;
  /** Whether the leaf hashes are needed, and not only their root. */
  readonly wantLeaves: boolean;
};

/** One whose bytes have another hash than its tile says. Which of both is wrong, the signed root decides at the end. */
export type Dispute = { readonly index: number; readonly computed: string; readonly served: string };

export type LoggedTrustRoot = {
  readonly index: number;
  readonly loggedAt: number;
  /** Base64. */
  readonly payload: string;
  /** Keyids whose signatures were verified. */
  readonly signers: readonly string[];
};

export type BundleVerdict = {
  readonly first: number;
  readonly count: number;
  /** Over 256 leaves; undefined for fewer, or where a leaf hash is not to be had. */
  readonly root: Uint8Array | undefined;
  /** The same as the tile has it, where that is another one. */
  readonly servedRoot: Uint8Array | undefined;
  /** n × 32 bytes, where they were asked for or are fewer than 256; undefined where one is not to be had. */
  readonly leaves: Uint8Array | undefined;
  readonly disputes: readonly Dispute[];
  readonly findings: readonly Finding[];
  /** In the order of COUNTERS. */
  readonly counts: Float64Array;
  /** n × 8 bytes each. */
  readonly statements: Uint8Array;
  readonly identities: Uint8Array;
  /** Of the first and the last entry that could be read, in milliseconds; -1 without any. */
  readonly firstTime: number;
  readonly firstTimed: number;
  readonly lastTime: number;
  /** Index of the first entry whose statement nobody can see: sealed, withheld or not read; -1 without any. */
  readonly firstHidden: number;
  /** Records, see consumption-records.ts. */
  readonly consumables: Uint8Array;
  readonly consumptions: Uint8Array;
  readonly trustRoots: readonly LoggedTrustRoot[];
};

/** Of a bundle's own bytes: each entry's length. */
const LENGTH_SIZE = 2;

/**
 * Packs entries for a worker. What is transferred is gone for whoever else holds it, so they are copied; but for entries that are all
 * there is in the memory of their bundle, which then goes as it is: a copy of 16 MB would be garbage for a while.
 */
export function packEntries(
  entries: readonly (Uint8Array | undefined)[],
): Pick<BundleJob, 'bytes' | 'lengths' | 'gap'> {
  let size = 0;
  for (const entry of entries) if (entry !== undefined) size += 1 + entry.length;
  const lengths = Uint32Array.from(entries, (entry) => entry?.length ?? ABSENT);
  const whole = wholeBundle(entries);
  if (whole !== undefined) return { bytes: whole, lengths, gap: LENGTH_SIZE };
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const entry of entries) {
    if (entry === undefined) continue;
    bytes.set(entry, at + 1);
    at += 1 + entry.length;
  }
  return { bytes, lengths, gap: 1 };
}

/** The memory of a bundle, where these entries are all that it holds, in order. */
function wholeBundle(entries: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  const buffer = entries[0]?.buffer;
  let at = 0;
  for (const entry of entries) {
    if (entry === undefined || entry.buffer !== buffer || entry.byteOffset !== at + LENGTH_SIZE) return undefined;
    at = entry.byteOffset + entry.length;
  }
  return buffer instanceof ArrayBuffer && buffer.byteLength === at ? new Uint8Array(buffer) : undefined;
}
