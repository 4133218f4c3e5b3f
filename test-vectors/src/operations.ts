/** What each operation of each format does with an input: the adapter between vectors and a verifier. */
import type { FailureCode, Result } from '@assent/verifier';
import { approvalOperations } from './operations/approvals.ts';
import { byteOperations } from './operations/bytes.ts';
import { keyOperations } from './operations/keys.ts';
import { receiptOperations } from './operations/receipts.ts';
import { treeOperations } from './operations/tree.ts';
import { trustOperations } from './operations/trust.ts';
import type { Operation, Verifier } from './operations/verifier.ts';

export type { Verifier };

export type Answer = Result<unknown> | { readonly ok: false; readonly code: FailureCode };

/** By format, then by operation. */
export const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  ...byteOperations,
  ...keyOperations,
  ...treeOperations,
  ...approvalOperations,
  ...trustOperations,
  ...receiptOperations,
};
