import { base64Encode, base64urlEncode } from '@assent/verifier';
import type { ApprovalRequest, Payment } from '../../demo/payment-request.ts';
import { STEP } from '../../words/demo.ts';
import { problemText } from '../shared/served-log.ts';
import type { Passkey, SignedDecision } from './passkey.ts';

export type Logged = { readonly index: number; readonly receipt: string };

/** The approval service refused, or cannot be reached; the message is for the person. */
export class ServiceError extends Error {}

/** The demo's approval service, seen from the page. Both reject with a ServiceError. */
export async function requestApproval(payment: Payment): Promise<ApprovalRequest> {
  return post<ApprovalRequest>('/demo/requests', payment);
}

export async function sendAnswer(
  { id }: ApprovalRequest,
  decision: 'approved' | 'rejected',
  { publicKey }: Passkey,
  { nonce, response }: SignedDecision,
): Promise<Logged> {
  const answer = { id, decision, publicKey: base64Encode(publicKey.spki), nonce: base64urlEncode(nonce), response };
  return post<Logged>('/demo/answers', answer);
}

/** What comes back is checked where it is used: the request against what was typed, the receipt by the verifier. */
async function post<T>(path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => undefined);
  if (response === undefined) throw new ServiceError(STEP.noService);
  if (!response.ok) throw new ServiceError(await problemText(response));
  return (await response.json()) as T;
}
