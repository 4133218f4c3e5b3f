/**
 * Server-sent events (WHATWG HTML §9.2.5): fields of a line each, an empty line ends the event. `data` is JSON, which has no
 * line breaks outside of its strings' escapes.
 */
import { hexEncode, utf8Decode } from '@assent/verifier';
import type { Published } from '../publisher/publisher.ts';
import { formatPosition } from './event-position.ts';

/** Sent first: how many ms a browser waits before it connects again. */
export const PREAMBLE = 'retry: 2000\n\n';
/** A comment, so that neither proxies nor clients take a quiet log for a dead connection. */
export const KEEP_ALIVE = ': nothing new\n\n';

export function headEvent({ head, checkpoint }: Published): string {
  const { size, root, timestamp } = head;
  const id = formatPosition({ entries: size, headTime: timestamp });
  return event('head', id, {
    size,
    root: `sha256:${hexEncode(root)}`,
    timestamp: new Date(timestamp).toISOString(),
    checkpoint,
  });
}

/** `entry` is left out where the log can't serve the bytes: the hash still says which entry it is. */
export function entryEvent(index: number, leafHash: Uint8Array, entry: Uint8Array | undefined): string {
  const text = entry && utf8Decode(entry);
  return event('entry', formatPosition({ entries: index + 1 }), {
    index,
    leaf_hash: `sha256:${hexEncode(leafHash)}`,
    ...(text?.ok && { entry: text.value }),
  });
}

function event(name: string, id: string, data: unknown): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
