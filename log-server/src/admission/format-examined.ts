import { formatEntryAround } from '@assent/verifier';
import type { Examined } from './examine.ts';

/** The entry's bytes, once its time is known (ms since the epoch). */
export function formatExamined({ content, kind, intent }: Examined, loggedAt: number): Uint8Array {
  // Canonical JSON is well-formed, so Buffer's encoder, which would replace what is not, changes nothing.
  return Buffer.from(formatEntryAround(content, kind, loggedAt, intent));
}
