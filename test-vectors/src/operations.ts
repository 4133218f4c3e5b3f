/** What each operation of each format does with an input: the adapter between vectors and a verifier. */
import { approvalOperations } from './operations/approvals.ts';
import { byteOperations } from './operations/bytes.ts';
import { keyOperations } from './operations/keys.ts';
import { receiptOperations } from './operations/receipts.ts';
import { treeOperations } from './operations/tree.ts';
import { trustOperations } from './operations/trust.ts';
import type { Operations, Verifier } from './operations/verifier.ts';

export type { Verifier };

const byFormat: Operations = {
  ...byteOperations,
  ...keyOperations,
  ...treeOperations,
  ...approvalOperations,
  ...trustOperations,
  ...receiptOperations,
};

/** ML-DSA-44 has a file of its own, as most runtimes can't verify it by themselves. */
export const OPERATIONS: Operations = {
  ...byFormat,
  'ml-dsa-44': {
    parse_spki: byFormat.spki!.parse!,
    cose_key_to_spki: byFormat['cose-key']!.to_spki!,
    verify_signature: byFormat.signature!.verify!,
    verify_assertion: byFormat.webauthn!.verify!,
    check_cosignature: byFormat.cosignature!.check!,
    verify_receipt: byFormat.receipt!.verify!,
  },
};
