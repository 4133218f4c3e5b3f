/** Content negotiation of codings: RFC 9110 §12.5.3 (Accept-Encoding), with the weights of §12.4.2. */

export type ContentCoding = 'gzip' | 'identity';

const ITEM = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*;[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?$/;

/**
 * What to send of a resource that there is in both forms, or undefined when the client refuses both. gzip wins where it
 * is welcome and not less welcome than identity; without a word from the client it is identity, which everyone reads.
 * A client that refuses identity gets gzip, named or not, unless it refuses that too. An item that is malformed says
 * nothing.
 */
export function chooseCoding(acceptEncoding: string | undefined): ContentCoding | undefined {
  if (acceptEncoding === undefined) return 'identity';
  const weights = new Map<string, number>();
  for (const item of acceptEncoding.split(',')) {
    const [, name, weight] = ITEM.exec(item.trim()) ?? [];
    if (name === undefined) continue;
    const coding = name.toLowerCase();
    weights.set(coding === 'x-gzip' ? 'gzip' : coding, weight === undefined ? 1 : Number(weight));
  }
  const others = weights.get('*');
  const gzip = weights.get('gzip') ?? others;
  const identity = weights.get('identity') ?? others;
  if (gzip !== undefined && gzip > 0 && gzip >= (identity ?? 0)) return 'gzip';
  if (identity !== 0) return 'identity';
  return gzip === 0 ? undefined : 'gzip';
}
