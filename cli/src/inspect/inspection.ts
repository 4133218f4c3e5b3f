/** What `assent inspect` finds out about some bytes: what they are, and what each part of them means. Nothing of it is verified. */
import { createHash } from 'node:crypto';
import { type Failure, hexEncode } from '@assent/verifier';
import { countOf } from '../terminal/count-of.ts';

export type Inspection = {
  /** A short name that does not change, for programs. */
  readonly kind: string;
  /** For people: "A receipt". */
  readonly title: string;
  /** The specification. */
  readonly where?: string;
  /** What the format's own parser says against it. */
  readonly problem?: { readonly code: string; readonly detail: string };
  readonly rows: readonly Row[];
};

export type Row = {
  readonly label: string;
  /** As it stands there, or what it comes to. Never a secret. */
  readonly value?: string;
  /** What that means. */
  readonly note?: string;
  /** What lies inside: a document in a document. */
  readonly inside?: Inspection;
  /** Its members. */
  readonly rows?: readonly Row[];
};

export type Look = {
  /** Takes bytes that were found inside others apart. */
  readonly inside: (bytes: Uint8Array) => Inspection;
  /** Whether one more row may be shown: a file of millions of members would make a report of millions of lines. */
  readonly hasRoom: () => boolean;
};

/** A recogniser: undefined for what is something else. */
export type Recognise<T> = (input: T, look: Look) => Inspection | undefined;

/** In hexadecimal, as much of it as fits a line. */
export function hexExcerpt(bytes: Uint8Array, most = 20): string {
  const hex = hexEncode(bytes.subarray(0, most));
  return bytes.length > most ? `${hex}…` : hex;
}

export function bytesText(bytes: Uint8Array): string {
  return `${countOf(bytes.length, 'byte')}: ${hexExcerpt(bytes)}`;
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function problemOf({ code, detail }: Failure): Required<Pick<Inspection, 'problem'>> {
  return { problem: { code, detail } };
}

/** Milliseconds or seconds since 1970, as people write it; undefined for no such time. */
export function timeText(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
