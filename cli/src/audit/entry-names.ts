/**
 * By what an entry may be in the log only once (formats.md §4, §7 and §9): its statement, and what stands in the place of a name.
 *
 * Names are texts and compared exactly. What an audit remembers of each is a key of 8 bytes, so that a billion of them fit on a
 * disk; entries whose keys are equal are read again, and their names decide. So a log that makes keys collide costs time, and
 * neither hides a duplicate nor makes one up.
 */
import type { ContentEvidence } from '@assent/verifier';
import type { FindingCode } from './findings.ts';

export type EntryNames = { readonly statement?: string; readonly identity?: string };

/** Bytes of a key; eight zeros where there is no name. */
export const KEY_SIZE = 8;

const CONSUMPTION = 'consumption of ';
const TRUST_ROOT = 'trust root ';
const SEALED = 'sealed ';

export function namesOfSealed(commitment: string): EntryNames {
  return { statement: SEALED + commitment };
}

/** Of what could be read, whether its checks passed or not. */
export function namesOf(evidence: ContentEvidence): EntryNames {
  const { statementDigest, consumption, trustRoot } = evidence;
  const statement = evidence.statement ?? evidence.unverifiedStatement;
  const digest = statementDigest === undefined ? {} : { statement: statementDigest };
  if (statement !== undefined) return { identity: `${statement.service}/${statement.id}`, ...digest };
  if (consumption !== undefined) return { identity: CONSUMPTION + consumption.approval, ...digest };
  if (trustRoot?.previous === undefined) return digest;
  return { identity: `${TRUST_ROOT}${trustRoot.version} after ${trustRoot.previous}`, ...digest };
}

/** Which finding it is that two entries share a name. No service holds a space, so the three kinds of identities are apart. */
export function codeOf(kind: keyof EntryNames, name: string): FindingCode {
  if (kind === 'statement') return name.startsWith(SEALED) ? 'commitment_twice' : 'statement_twice';
  if (name.startsWith(CONSUMPTION)) return 'consumed_twice';
  return name.startsWith(TRUST_ROOT) ? 'trust_root_forked' : 'identity_twice';
}

/** The key of a statement: the first 8 bytes of its digest, `sha256:<hex>`. */
export function writeDigestKey(digest: string, out: Uint8Array, at: number): void {
  for (let i = 0; i < KEY_SIZE; i++) out[at + i] = 16 * digit(digest, 7 + 2 * i) + digit(digest, 8 + 2 * i);
}

/** A seeded hash of a text (cyrb53), far cheaper than a digest. That it can be collided costs a look at two entries. */
export function writeTextKey(text: string, seed: number, out: Uint8Array, at: number): void {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  for (let i = 0; i < 4; i++) {
    out[at + i] = a >>> (8 * i);
    out[at + 4 + i] = b >>> (8 * i);
  }
}

/** Of lower-case hex. */
function digit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
