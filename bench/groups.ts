import { audit } from './measures/audit.ts';
import { batchAppends } from './measures/batch-appends.ts';
import { commandLine } from './measures/command-line.ts';
import { explorer } from './measures/explorer.ts';
import { firstReceipt } from './measures/first-receipt.ts';
import { growth } from './measures/growth.ts';
import type { MeasureGroup } from './measures/measure-group.ts';
import { reads } from './measures/reads.ts';
import { receiptVerification } from './measures/receipt-verification.ts';
import { singleAppends } from './measures/single-appends.ts';
import { verifier } from './measures/verifier.ts';
import { verifyPage } from './measures/verify-page.ts';
import { witness } from './measures/witness.ts';

/** All there is to measure, in the order of README's table. */
export const GROUPS: readonly MeasureGroup[] = [
  singleAppends,
  batchAppends,
  receiptVerification,
  verifier,
  reads,
  explorer,
  witness,
  growth,
  firstReceipt,
  commandLine,
  verifyPage,
  audit,
];
