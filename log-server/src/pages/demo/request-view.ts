import {
  APPROVAL_PAYLOAD_TYPE,
  hexEncode,
  intentDigest,
  preAuthEncoding,
  sha256,
  statementDigest,
} from '@assent/verifier';
import { type ApprovalRequest, requestStatement } from '../../demo/payment-request.ts';
import { REQUEST } from '../../words/demo.ts';
import { type Child, digest, element, facts, said } from '../shared/dom.ts';

/** The question as the person reads it: the sentence, what will run, and what exactly gets signed. */
export function requestView(request: ApprovalRequest): HTMLElement[] {
  const { intent, display } = request;
  const args = Object.entries(intent.args).map(([name, value]): readonly [Child, Child] => [
    element('code', {}, said(name)),
    said(String(value)),
  ]);
  return [
    element(
      'div',
      { class: 'paper' },
      element('p', { class: 'sentence' }, said(display)),
      facts('facts wide', [
        [REQUEST.action, said(intent.action)],
        [REQUEST.connector, said(intent.connector)],
        ...args,
      ]),
      facts('facts', [[REQUEST.intent, digest(intentDigest(intent))]]),
    ),
    signedView(request),
  ];
}

function signedView(request: ApprovalRequest): HTMLElement {
  const payload = requestStatement(request, 'approved');
  const statement: unknown = JSON.parse(new TextDecoder().decode(payload));
  return element(
    'details',
    { class: 'more' },
    element('summary', {}, REQUEST.everything),
    element(
      'div',
      { class: 'stack' },
      element('p', { class: 'note' }, REQUEST.statement),
      element('pre', { class: 'text' }, said(JSON.stringify(statement, null, 2))),
      facts('facts', [
        [REQUEST.statementDigest, digest(statementDigest(payload))],
        [REQUEST.encoding, digest(`sha256:${hexEncode(sha256(preAuthEncoding(APPROVAL_PAYLOAD_TYPE, payload)))}`)],
      ]),
      element('p', { class: 'note' }, REQUEST.challenge),
    ),
  );
}
