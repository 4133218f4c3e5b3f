/**
 * The checks that say whether an approval may be acted upon (formats.md §11): `intent` `trust` `revocation` `policy` `window`
 * `use`. They are judged on a statement that the `content` check let pass; without one none is made.
 */
import type { Statement } from './approval.ts';
import type { PinnedPolicy } from './approval-policy.ts';
import type { BoundaryPins } from './boundary.ts';
import type { Json } from './canonical-json.ts';
import type { VerifiedSignature } from './dsse.ts';
import type { FailureCode } from './failure-codes.ts';
import type { Intent } from './intent.ts';
import { checkIntent } from './intent-check.ts';
import type { PinnedLogs } from './pinned-logs.ts';
import { checkPolicy } from './policy-check.ts';
import type { Primitives } from './primitives.ts';
import type { Receipt } from './receipt.ts';
import { type Check, type CheckId, type LogFacts, skipped } from './report.ts';
import { checkSchema } from './schema-check.ts';
import type { PinnedTrustRoot } from './trust-chain.ts';
import { judgeTrust, type TrustJudgement } from './trust-check.ts';
import { checkUse } from './use-check.ts';
import { checkWindow } from './window-check.ts';

export type AuthorizationInput = {
  readonly statement: Statement;
  /** `sha256:<hex>`. */
  readonly statementDigest: string;
  /** Undefined where the check `signatures` did not pass. */
  readonly signers: readonly VerifiedSignature[] | undefined;
  /** Revealed, disclosed or the caller's own, and of the signed digest. */
  readonly intent: Intent | undefined;
  /** Of the entry; undefined where the tree does not show that it is there. */
  readonly index: number | undefined;
  /** Milliseconds, the log's clock; undefined where no signed tree shows that it was logged. */
  readonly loggedAt: number | undefined;
  /** Milliseconds: when enough witnesses had seen it. Undefined where no quorum is asked for, or it is not reached. */
  readonly seenBy: number | undefined;
  /** What it carries for these checks: evidence, which confers nothing by itself. */
  readonly receipt: Pick<Receipt, 'trust' | 'policy' | 'consumption'>;
  /** Of the tree that holds it, as the proof says. */
  readonly head?: Pick<LogFacts, 'size' | 'root'> | undefined;
  readonly pinned: AuthorizationPins;
};

/** The caller's own. */
export type AuthorizationPins = {
  readonly logs: PinnedLogs;
  readonly trustRoot?: PinnedTrustRoot | undefined;
  /** The action that is about to run: parsed, or as text. */
  readonly unverifiedIntent: Json | Uint8Array | undefined;
  readonly approvalPolicy?: PinnedPolicy | undefined;
  /** Milliseconds. */
  readonly at: number | undefined;
  /** Digest of the schema that the connector has now; null: it has none; undefined: the caller does not say. */
  readonly schema: string | null | undefined;
  readonly boundary: BoundaryPins | undefined;
};

export type Authorization = {
  /** All six, in the report's order. */
  readonly checks: readonly Check[];
  /** Who signed, where there is a statement. */
  readonly judged?: TrustJudgement;
};

/** Never rejects for bad evidence. */
export async function checkAuthorization(input: AuthorizationInput, primitives: Primitives): Promise<Authorization> {
  const { statement, pinned } = input;
  const own = checkIntent(statement, pinned.unverifiedIntent, primitives.sha256);
  const judged = await judgeTrust(input, primitives);
  const checks = [
    checkSchema(statement, pinned.schema) ?? own.check,
    judged.trust,
    judged.revocation,
    checkPolicy({ ...input, intent: input.intent ?? own.intent }, judged),
    checkWindow(statement, input, pinned.at),
    await checkUse(input, judged, primitives),
  ];
  return { checks, judged };
}

/** The six of an entry that is no approval, or whose statement could not be had. */
export function withoutAuthorization(code: FailureCode, detail: string): readonly Check[] {
  const ids: readonly CheckId[] = ['intent', 'trust', 'revocation', 'policy', 'window', 'use'];
  return ids.map((id) => skipped(id, code, detail));
}
