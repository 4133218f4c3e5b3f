/**
 * What the demo asks a person to approve, and the statement about it that a passkey signs. The approval service and the
 * page both run this file, each on its own copy of the request: the page signs what it showed, the service appends what
 * it asked for, and if they were not the same to the byte, the signature would not verify.
 *
 * Nothing here may need Node: it is part of the page.
 */
import { type Decision, displayDigest, formatStatement, type Intent, intentDigest } from '@assent/verifier';
import { PAYMENT } from '../words/demo.ts';

/** The one service for which the demo may append. */
export const DEMO_SERVICE = 'demo.approvals';
export const DEMO_REQUESTER = 'agent:demo-bookkeeper';
export const DEMO_ACTION = 'payment.transfer';
export const DEMO_CONNECTOR = 'demo-bank/main-account';

/** What the visitor may choose. */
export type Payment = {
  /** 1 to 60 characters that can be seen. */
  readonly recipient: string;
  /** A decimal with two places, as `1250.00`. */
  readonly amount: string;
};

/** A question that waits for its answer: all that both sides must agree on. Times are RFC 3339 with milliseconds. */
export type ApprovalRequest = {
  readonly id: string;
  /** Origin of the log in which the answer will count. */
  readonly log: string;
  readonly intent: Intent;
  /** The sentence that is shown, to which the statement is bound as well. */
  readonly display: string;
  readonly issued_at: string;
  readonly expires_at: string;
};

const AMOUNT = /^(0|[1-9][0-9]{0,8})\.[0-9]{2}$/;
// No control, format or private-use characters and no odd separators: they have no shape, and would make one name look
// like another on the very screen on which it is approved.
const RECIPIENT = /^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,60}(?<! )$/u;

/** What is wrong with a payment, in a sentence for the person who typed it; undefined if nothing is. */
export function paymentProblem({ recipient, amount }: Payment): { field: keyof Payment; advice: string } | undefined {
  if (!RECIPIENT.test(recipient)) {
    return { field: 'recipient', advice: PAYMENT.recipientForm };
  }
  if (!AMOUNT.test(amount) || amount === '0.00') {
    return { field: 'amount', advice: PAYMENT.amountForm };
  }
  return undefined;
}

/** Exactly what the demo's bank would be told to do. */
export function paymentArguments({ recipient, amount }: Payment) {
  return { recipient, amount, currency: PAYMENT.currency, reference: PAYMENT.reference };
}

export function paymentSentence({ recipient, amount }: Payment): string {
  const { currency, reference } = paymentArguments({ recipient, amount });
  return PAYMENT.sentence(amount, currency, recipient, reference);
}

/** The bytes that are signed: the statement of this decision about this request. Throws TypeError on a request of bad form. */
export function requestStatement(request: ApprovalRequest, decision: Exclude<Decision, 'expired'>): Uint8Array {
  const { id, log, intent, display, issued_at, expires_at } = request;
  return formatStatement({
    log,
    service: DEMO_SERVICE,
    id,
    decision,
    intent: { digest: intentDigest(intent), action: intent.action, connector: intent.connector },
    display: displayDigest(intent, display),
    requester: DEMO_REQUESTER,
    issued_at,
    expires_at,
    use: 'single',
  });
}
