import { createHash, randomBytes } from 'node:crypto';
import {
  APPROVAL_PAYLOAD_TYPE,
  base64Decode,
  base64urlDecode,
  createIntent,
  envelopeSignatureFromAssertion,
  formatEnvelope,
  formatReceipt,
  formatTime,
  type Intent,
  parsePublicKey,
  parseReceipt,
  type Result,
  type VerifiedSignature,
  verifyEnvelope,
} from '@assent/verifier';
import type { Log } from '../log.ts';
import { Problem } from '../problems.ts';
import { SERVICE } from '../words/demo.ts';
import {
  type ApprovalRequest,
  DEMO_ACTION,
  DEMO_CONNECTOR,
  DEMO_SERVICE,
  type Payment,
  paymentArguments,
  paymentProblem,
  paymentSentence,
  requestStatement,
} from './payment-request.ts';
import { type Decided, PendingRequests } from './pending-requests.ts';

/** A person's answer, as the page sends it: what the browser gave, in base64url, and the key that made it. */
export type Answer = {
  readonly id: string;
  readonly decision: 'approved' | 'rejected';
  /** base64 of the SPKI. */
  readonly publicKey: string;
  /** base64url. */
  readonly nonce: string;
  readonly response: {
    readonly authenticatorData: string;
    readonly clientDataJSON: string;
    readonly signature: string;
  };
};

/** Relying party: passkeys of this domain, used on this page. */
export type RelyingParty = { readonly rpId: string; readonly origin: string };

const REQUEST_LIFETIME_MS = 10 * 60_000;
const MAX_PENDING = 1_000;

export type ApprovalServiceOptions = {
  readonly log: Pick<Log, 'origin' | 'append'>;
  readonly now?: () => number;
  readonly capacity?: number;
};

/**
 * The demo's own approval service: asks, takes the answer once, checks it, appends it, hands out the receipt with what
 * it can disclose. It is what a real service would be, but for one thing: a real one knows its approvers and takes no
 * other keys. This one takes any passkey, so its receipts prove which key decided, and not whose it is.
 */
export class ApprovalService {
  readonly #log: Pick<Log, 'origin' | 'append'>;
  readonly #now: () => number;
  readonly #pending: PendingRequests;

  constructor({ log, now = Date.now, capacity = MAX_PENDING }: ApprovalServiceOptions) {
    this.#log = log;
    this.#now = now;
    this.#pending = new PendingRequests(capacity, now);
  }

  /** Throws a Problem: `invalid_request`, `overloaded`. */
  ask(payment: Payment): ApprovalRequest {
    const problem = paymentProblem(payment);
    if (problem !== undefined) throw new Problem('invalid_request', problem.advice);
    const issuedAt = this.#now();
    const expiresAt = issuedAt + REQUEST_LIFETIME_MS;
    const request: ApprovalRequest = {
      id: `req_${randomBytes(12).toString('base64url')}`,
      log: this.#log.origin,
      intent: createIntent({ action: DEMO_ACTION, connector: DEMO_CONNECTOR, args: paymentArguments(payment) }),
      display: paymentSentence(payment),
      issued_at: formatTime(issuedAt),
      expires_at: formatTime(expiresAt),
    };
    if (!this.#pending.add(request, expiresAt)) {
      throw new Problem('overloaded', SERVICE.tooMany, {
        retryAfter: 60,
      });
    }
    return request;
  }

  /**
   * Takes a person's answer. A request is answered once; the same answer again, after a lost connection, gets the same
   * receipt. Throws a Problem: `not_found`, `identity_conflict`, `invalid_request`, `content_refused`, or the log's.
   */
  async answer(answer: Answer, relyingParty: RelyingParty): Promise<Decided> {
    const pending = this.#pending.find(answer.id);
    if (pending === undefined) {
      throw new Problem('not_found', SERVICE.unknown);
    }
    const fingerprint = fingerprintOf(answer);
    if (pending.decided !== undefined) {
      if (pending.decided.answer === fingerprint) return pending.decided.outcome;
      throw new Problem('identity_conflict', SERVICE.answered);
    }
    const outcome = this.#decide(answer, pending.request, relyingParty);
    const decided = { answer: fingerprint, outcome };
    pending.decided = decided;
    try {
      return await outcome;
    } catch (error) {
      // Nothing was decided. A refused signature can be made again, and the log takes a repeated append as one.
      if (pending.decided === decided) delete pending.decided;
      throw error;
    }
  }

  async #decide(answer: Answer, request: ApprovalRequest, relyingParty: RelyingParty): Promise<Decided> {
    const publicKey = parsePublicKey(bytesOf(base64Decode(answer.publicKey), 'publicKey'));
    if (!publicKey.ok) throw new Problem('invalid_request', SERVICE.badKey(publicKey.detail));
    const nonce = bytesOf(base64urlDecode(answer.nonce), 'nonce');
    const signature = envelopeSignatureFromAssertion(publicKey.value, nonce, answer.response);
    if (!signature.ok) throw new Problem('invalid_request', `"${signature.detail}".`);
    const payload = requestStatement(request, answer.decision);
    const envelope = { payloadType: APPROVAL_PAYLOAD_TYPE, payload, signatures: [signature.value] };
    const verified = await verifyEnvelope(envelope);
    if (!verified.ok) throw new Problem('content_refused', SERVICE.badSignature(verified.detail));
    checkRelyingParty(verified.value, relyingParty);
    const { index, receipt } = await this.#log.append(
      { kind: 'approval', visibility: 'open', content: formatEnvelope(envelope) },
      { services: [DEMO_SERVICE] },
    );
    return { index, receipt: disclose(receipt, request) };
  }
}

/**
 * What the log leaves to the relying party (WebAuthn Level 3 §7.2, steps 13 to 17): that the passkey is one of this
 * domain, was used on this page and not in a frame of another, and that the device verified a person.
 */
function checkRelyingParty(signatures: readonly VerifiedSignature[], { rpId, origin }: RelyingParty): void {
  const rpIdHash = createHash('sha256').update(rpId).digest();
  const good = signatures.every(
    (signature) =>
      signature.kind === 'passkey' &&
      rpIdHash.equals(signature.assertion.rpIdHash) &&
      signature.assertion.origin === origin &&
      !signature.assertion.crossOrigin &&
      signature.assertion.userVerified,
  );
  if (!good) {
    throw new Problem('content_refused', SERVICE.otherPage);
  }
}

/** The log stores digests only; who asked knows the action and its text, and discloses them to the visitor. */
function disclose(unverifiedReceipt: string, { intent, display }: { intent: Intent; display: string }): string {
  const receipt = parseReceipt(unverifiedReceipt);
  if (!receipt.ok) throw new Problem('internal', SERVICE.noReceipt);
  const { entry, proof } = receipt.value;
  return formatReceipt({ entry, proof, disclosures: { intent, display } });
}

function fingerprintOf(answer: Answer): string {
  return createHash('sha256').update(JSON.stringify(answer)).digest('base64url');
}

function bytesOf(decoded: Result<Uint8Array>, member: string): Uint8Array {
  if (!decoded.ok) throw new Problem('invalid_request', SERVICE.badBase64(member));
  return decoded.value;
}
