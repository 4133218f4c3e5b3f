/** What `assent verify` judges, told apart by how it begins or by its own `type`. */
import { parseJson } from '@assent/verifier';
import { MAX_MISBEHAVIOUR_BYTES } from '@assent/verifier/misbehaviour';
import type { EvidenceKind } from '../commands/verify.ts';
import { isObject } from '../http/problem.ts';

const TLOG_PROOF = Buffer.from('c2sp.org/tlog-proof@');
/** The empty line of a note, and the em dash that begins its signatures. */
const SIGNATURES = Buffer.from('\n\n\u2014 ');
const OPENING_BRACE = /^[\t\n\r ]*\{/;

/** A receipt, unless it is plainly something else: what cannot be read at all was most likely meant to be one. */
export function detectKind(bytes: Uint8Array): EvidenceKind {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.subarray(0, TLOG_PROOF.length).equals(TLOG_PROOF)) return 'tlog-proof';
  if (!OPENING_BRACE.test(buffer.subarray(0, 256).toString('latin1'))) {
    return buffer.includes(SIGNATURES) ? 'checkpoint' : 'receipt';
  }
  // What is longer can only be a receipt.
  const json = parseJson(bytes, { maxBytes: MAX_MISBEHAVIOUR_BYTES, maxDepth: 64 });
  if (!json.ok || !isObject(json.value)) return 'receipt';
  const { type, tree_head_signature: signature } = json.value;
  if (typeof type === 'string') return type.startsWith('assent/misbehaviour/') ? 'misbehaviour' : 'receipt';
  return signature === undefined ? 'receipt' : 'sth';
}
