import type { CtLog } from '../../ct-log.ts';
import { toBase64 } from '../../to-base64.ts';
import type { TaggedHeaders } from '../conditional.ts';
import { IMMUTABLE } from '../immutable.ts';
import { base64List } from './ct-answer.ts';

export const ENTRY_AND_PROOF_PATH = '/ct/v1/get-entry-and-proof';

/** RFC 6962 §4.8. Throws as {@link CtLog.entryAndProof} does. */
export async function entryAndProof(
  ct: CtLog,
  index: number,
  size: number,
): Promise<{ readonly body: string; readonly headers: TaggedHeaders }> {
  const { entry, proof } = await ct.entryAndProof(index, size);
  // By hand: base64 has nothing to escape, and JSON.stringify looks at each character for it.
  const path = proof.length === 0 ? '' : `"${base64List(proof).join('","')}"`;
  const body = `{"leaf_input":"${toBase64(entry)}","extra_data":"","audit_path":[${path}]}`;
  return {
    body,
    headers: {
      // The leaf at an index and the tree of a size are what they are for good.
      ETag: `"${index}-${size}"`,
      'Cache-Control': IMMUTABLE,
      'Content-Type': 'application/json',
    },
  };
}
