import {
  type ApprovalRequest,
  DEMO_ACTION,
  DEMO_CONNECTOR,
  type Payment,
  paymentArguments,
  paymentProblem,
  paymentSentence,
} from '../../demo/payment-request.ts';
import { STEP } from '../../words/demo.ts';
import { byId, element, replaceChildren } from '../shared/dom.ts';
import { busy, complain, plainButton } from './page.ts';
import { requestView } from './request-view.ts';
import { requestApproval } from './service.ts';

const FIELDS = ['recipient', 'amount'] as const;

export type ActionStep = {
  /** Back to the form. */
  reopen(): void;
  /** The question has been answered, and cannot be changed any more. */
  close(): void;
};

/** Step 2. `asked` is told of each request that is on the screen, and of `undefined` when it is withdrawn. */
export function setUpActionStep(asked: (request: ApprovalRequest | undefined) => void): ActionStep {
  const form = byId('payment', 'form');
  const view = byId('request', 'div');
  const reopen = (): void => {
    view.hidden = true;
    form.hidden = false;
    asked(undefined);
  };
  const change = element('p', {}, plainButton(STEP.change, reopen));

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void busy(event, async () => {
      const payment = { recipient: typed('recipient'), amount: typed('amount') };
      if (!acceptable(payment)) return;
      try {
        const request = await requestApproval(payment);
        if (!asksFor(request, payment)) {
          complain(STEP.otherRequest);
          return;
        }
        replaceChildren(view, ...requestView(request), change);
        view.hidden = false;
        form.hidden = true;
        change.hidden = false;
        asked(request);
      } catch (error) {
        complain(error instanceof Error ? error.message : STEP.wrong);
      }
    });
  });
  return {
    reopen,
    close: () => {
      change.hidden = true;
    },
  };
}

function typed(field: keyof Payment): string {
  return byId(field, 'input').value.trim();
}

/** Says beside the form what is wrong with it, and leads there. */
function acceptable(payment: Payment): boolean {
  const problem = paymentProblem(payment);
  for (const field of FIELDS) byId(field, 'input').setAttribute('aria-invalid', String(problem?.field === field));
  const message = byId('payment-message', 'p');
  message.textContent = problem?.advice ?? '';
  message.hidden = problem === undefined;
  if (problem !== undefined) byId(problem.field, 'input').focus();
  return problem === undefined;
}

/** The service has to ask back just what was typed: whatever else it sends is not shown, so it must not be signed. */
function asksFor({ intent, display }: ApprovalRequest, payment: Payment): boolean {
  const expected = Object.entries(paymentArguments(payment));
  return (
    expected.every(([name, value]) => intent.args[name] === value) &&
    Object.keys(intent.args).length === expected.length &&
    intent.action === DEMO_ACTION &&
    intent.connector === DEMO_CONNECTOR &&
    display === paymentSentence(payment)
  );
}
