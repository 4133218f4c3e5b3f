/**
 * Proactive negotiation by `Accept` (RFC 9110 §12.5.1) among the media types that a resource has.
 *
 * Each type gets the quality of the most specific range that matches it (`text/plain`, then `text/*`, then a lone
 * star); the highest wins, and the first in `offers` among equals. If nothing matches, the first one is sent all the
 * same, as the RFC allows: whoever asks an API for `text/html` is better served by its JSON than by an error.
 * Parameters of ranges other than `q` are ignored, and so is a range that is malformed.
 */
export function negotiate<const T extends string>(accept: string | undefined, offers: readonly [T, ...T[]]): T {
  if (accept === undefined || accept === '*/*') return offers[0];
  const ranges = accept.slice(0, MAX_LENGTH).split(',').map(parseRange);
  let best = offers[0];
  let bestQuality = 0;
  for (const offer of offers) {
    const quality = qualityOf(offer, ranges);
    if (quality > bestQuality) {
      best = offer;
      bestQuality = quality;
    }
  }
  return best;
}

/** Browsers send about 150 characters. */
const MAX_LENGTH = 1_000;

type Range = { readonly range: string; readonly quality: number };

const QUALITY = /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/;

function parseRange(text: string): Range {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (weight !== undefined && !QUALITY.test(weight)) return { range: '', quality: 0 };
  return { range, quality: weight === undefined ? 1 : Number(weight) };
}

function qualityOf(offer: string, ranges: readonly Range[]): number {
  const family = `${offer.slice(0, offer.indexOf('/'))}/*`;
  for (const wanted of [offer, family, '*/*']) {
    const found = ranges.find(({ range }) => range === wanted);
    if (found !== undefined) return found.quality;
  }
  return 0;
}
