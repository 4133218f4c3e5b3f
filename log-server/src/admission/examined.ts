import type { EntryKind, Statement, TrustRoot } from '@assent/verifier';

/** What is common to everything that is fit to be stored. Plain data and bytes, so that a worker can hand it over. */
type Admitted = {
  /** Digests that may be in the log at most once each, in hex: between threads strings cost less than bytes. */
  readonly statement: string;
  readonly identity: string;
  readonly kind: EntryKind;
  /** The most bytes that the entry can have. */
  readonly bytes: number;
};

/** Of a statement; evidence of other systems has none. */
type Named = { readonly service?: string; readonly id?: string };

/** Open or revealed. */
export type OpenSubmission = Admitted &
  Named & {
    /** UTF-8 of its JCS, for the entry. */
    readonly content: Uint8Array;
    /** JCS. */
    readonly intent: string | undefined;
  };

/** Only `sealed` gets into the entry; what was checked stays with the log. */
export type SealedSubmission = Admitted &
  Named & {
    /** `sha256:<hex>`. */
    readonly sealed: string;
    readonly checked: SealedFacts | SealedForeignFacts;
    /** Under which the same commitment would stand if it were there blind, in hex. */
    readonly blind: string;
  };

/** A commitment of which the log knows nothing more. */
export type BlindSubmission = Admitted & { readonly sealed: string; readonly checked: undefined };

/** A consumption, whose approval is still to be looked up. */
export type ConsumptionSubmission = Admitted & {
  readonly kind: 'consumption';
  /** UTF-8 of its JCS, for the entry. */
  readonly content: Uint8Array;
  readonly consumes: {
    /** Statement digest and intent digest, `sha256:<hex>`. */
    readonly approval: string;
    readonly intent: string;
    /** Who signed it. */
    readonly keyid: string;
  };
};

/** A version of a trust root, whose place in its chain is still to be looked up. */
export type TrustRootSubmission = Admitted & {
  readonly kind: 'trust-root';
  /** UTF-8 of its JCS, for the entry. */
  readonly content: Uint8Array;
  /** `sha256:<hex>` of the payload. */
  readonly digest: string;
  readonly trustRoot: TrustRoot;
  /** Keyids. */
  readonly signers: readonly string[];
};

/** A submission that is fit to be stored. */
export type Examined =
  | OpenSubmission
  | SealedSubmission
  | BlindSubmission
  | ConsumptionSubmission
  | TrustRootSubmission;

/** What the log keeps to itself of content that it has checked and shows nobody; never the content, nor the salt. */
export type SealedFacts = Pick<Statement, 'service' | 'id' | 'decision' | 'use'> & {
  /** SHA-256(JCS(content)), statement digest and intent digest, in hex. */
  readonly content: string;
  readonly statement: string;
  readonly intent: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly boundaries: readonly string[];
};

/** The same of evidence of another system: it can be found and told apart, and nothing is decided by it later. */
export type SealedForeignFacts = Pick<SealedFacts, 'content' | 'statement'>;
