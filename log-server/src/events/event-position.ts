import { parseDecimal } from '@assent/verifier';

/**
 * Where a stream of events broke off: how many entries, from the first one on, were sent, and the time of the newest head
 * that was sent after them.
 *
 *     42                  the event of entry 41; no head that covers it was sent
 *     42@1775235662123    the event of the head of size 42 with this timestamp, in ms since the epoch
 *
 * A size alone does not name a head: an idle log renews its head without an entry.
 */
export type EventPosition = { readonly entries: number; readonly headTime?: number };

export function formatPosition({ entries, headTime }: EventPosition): string {
  return headTime === undefined ? String(entries) : `${entries}@${headTime}`;
}

/** Undefined for text that {@link formatPosition} does not make. */
export function parsePosition(text: string): EventPosition | undefined {
  const [size = '', time, ...more] = text.split('@');
  const entries = parseDecimal(size);
  if (!entries.ok || more.length > 0) return undefined;
  if (time === undefined) return { entries: entries.value };
  const headTime = parseDecimal(time);
  return headTime.ok ? { entries: entries.value, headTime: headTime.value } : undefined;
}
