import { formatEntryAround, formatEntryAroundSealed } from '@assent/verifier';
import type { Examined } from './examined.ts';

/** The entry's bytes, once its time is known (ms since the epoch). */
export function formatExamined(examined: Examined, loggedAt: number): Uint8Array {
  const text =
    'sealed' in examined
      ? formatEntryAroundSealed(examined.sealed, loggedAt)
      : formatEntryAround(
          examined.content,
          examined.kind,
          loggedAt,
          'intent' in examined ? examined.intent : undefined,
        );
  // Canonical JSON is well-formed, so Buffer's encoder, which would replace what is not, changes nothing.
  return Buffer.from(text);
}
