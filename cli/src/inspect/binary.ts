/** Bytes that are no text: tiles and bundles of a log (C2SP tlog-tiles), and what nobody knows. */
import { MAX_ENTRY_SIZE, parseBundle, TILE_WIDTH } from '@assent/verifier';
import { countOf } from '../terminal/count-of.ts';
import { bytesText, digestOf, hexExcerpt, type Inspection, type Recognise } from './inspection.ts';

const HASH = 32;
const FEW = 3;

export const bundle: Recognise<Uint8Array> = (bytes, look) => {
  if (bytes.length > TILE_WIDTH * (2 + MAX_ENTRY_SIZE)) return undefined;
  const parsed = parseBundle(bytes);
  // Any bytes can be cut somehow: entries of a log of ours are JSON, and those of others not empty.
  if (!parsed.ok || !parsed.value.every((entry) => entry.length > 0)) return undefined;
  const isOurs = parsed.value.every((entry) => entry[0] === 0x7b);
  if (!isOurs && parsed.value.length < 2) return undefined;
  const shown = parsed.value.slice(0, FEW).map((entry, i) => ({
    label: `[${i}]`,
    value: countOf(entry.length, 'byte'),
    ...(isOurs && look.hasRoom() ? { inside: look.inside(entry) } : { note: hexExcerpt(entry) }),
  }));
  const more = parsed.value.length - shown.length;
  return {
    kind: 'bundle',
    title: `${countOf(parsed.value.length, 'entry')} of a log (an entry bundle)`,
    where: 'C2SP tlog-tiles',
    rows: [...shown, ...(more > 0 ? [{ label: '…', value: `${more} more` }] : [])],
  };
};

export const tile: Recognise<Uint8Array> = (bytes) => {
  if (bytes.length === 0 || bytes.length % HASH !== 0 || bytes.length > TILE_WIDTH * HASH) return undefined;
  const width = bytes.length / HASH;
  const rows = Array.from({ length: Math.min(width, FEW) }, (_, i) => ({
    label: `[${i}]`,
    value: hexExcerpt(bytes.subarray(i * HASH, (i + 1) * HASH), HASH),
  }));
  return {
    kind: 'tile',
    title:
      width === 1
        ? '32 bytes: a hash, a salt or a raw key, or a tile of one hash'
        : `As long as a tile of ${width} hashes${width === TILE_WIDTH ? ', a full one' : ''}`,
    where: 'C2SP tlog-tiles',
    rows: width === 1 ? [] : [...rows, ...(width > FEW ? [{ label: '…', value: `${width - FEW} more` }] : [])],
  };
};

/** What there is to say of anything. `looksLike` ends "It looks like …". */
export function unknown(bytes: Uint8Array, looksLike: string): Inspection {
  return {
    kind: 'unknown',
    title: bytes.length === 0 ? 'Nothing: it is empty' : `Nothing that is known here; it looks like ${looksLike}`,
    rows:
      bytes.length === 0
        ? []
        : [
            { label: 'begins', value: bytesText(bytes) },
            { label: 'SHA-256', value: digestOf(bytes) },
          ],
  };
}
