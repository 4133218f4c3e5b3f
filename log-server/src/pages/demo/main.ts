import { type Report, verifyReceipt } from '@assent/verifier';
import {
  type ApprovalRequest,
  DEMO_ACTION,
  DEMO_CONNECTOR,
  type Payment,
  paymentArguments,
  paymentProblem,
  paymentSentence,
  requestStatement,
} from '../../demo/payment-request.ts';
import { checkView } from '../shared/checks-view.ts';
import { byId, type Child, digest, element, facts, replaceChildren } from '../shared/dom.ts';
import { receiptLink } from '../shared/receipt-link.ts';
import { fetchServedLog } from '../shared/served-log.ts';
import { timeView } from '../shared/times.ts';
import { verdictView } from '../shared/verdict-view.ts';
import { type Forgery, withEarlierTime, withMoreMoney } from './forge.ts';
import {
  ceremonyProblem,
  makePasskey,
  type Passkey,
  rememberedPasskey,
  rememberPasskey,
  type SignedDecision,
  signStatement,
} from './passkey.ts';
import { requestView } from './request-view.ts';
import { type Logged, requestApproval, sendAnswer } from './service.ts';
import { goTo } from './steps.ts';

let passkey: Passkey | undefined;
let request: ApprovalRequest | undefined;
let logged: Logged | undefined;
let vkeys: readonly string[] = [];

// 1: a passkey

byId('make-passkey', 'button').addEventListener('click', (event) =>
  busy(event, async () => {
    try {
      usePasskey(await makePasskey());
    } catch (error) {
      complain(ceremonyProblem(error));
    }
  }),
);

function usePasskey(made: Passkey, { focus = true } = {}): void {
  passkey = made;
  rememberPasskey(made);
  const another = element('button', { type: 'button', class: 'plain-button' }, 'Make another');
  another.addEventListener('click', () => byId('make-passkey', 'button').click());
  const body = byId('step-passkey', 'li').querySelector('.step-body .made') ?? element('div', { class: 'made stack' });
  replaceChildren(
    body,
    facts('facts', [['Key id: the SHA-256 of your public key', digest(made.publicKey.keyid)]]),
    element('p', {}, another),
  );
  byId('step-passkey', 'li').querySelector('.step-body')?.append(body);
  byId('make-passkey', 'button').hidden = true;
  if (request === undefined) goTo('action', { focus });
}

// 2: the action

const form = byId('payment', 'form');

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void busy(event, async () => {
    const payment: Payment = {
      recipient: byId('recipient', 'input').value.trim(),
      amount: byId('amount', 'input').value.trim(),
    };
    const problem = paymentProblem(payment);
    showPaymentProblem(problem);
    if (problem !== undefined) return byId(problem.field, 'input').focus();
    try {
      const asked = await requestApproval(payment);
      checkRequest(asked, payment);
      showRequest(asked);
    } catch (error) {
      complain(error instanceof Error ? error.message : 'Something went wrong.');
    }
  });
});

function showPaymentProblem(problem: ReturnType<typeof paymentProblem>): void {
  for (const field of ['recipient', 'amount'] as const) {
    byId(field, 'input').setAttribute('aria-invalid', String(problem?.field === field));
  }
  const message = byId('payment-message', 'p');
  message.textContent = problem?.advice ?? '';
  message.hidden = problem === undefined;
}

/** The service is asked to ask back what was typed. Whatever else it sends is not shown, so it cannot be signed. */
function checkRequest(asked: ApprovalRequest, payment: Payment): void {
  const { args, action, connector } = asked.intent;
  const expected = Object.entries(paymentArguments(payment));
  const same =
    expected.every(([name, value]) => args[name] === value) &&
    Object.keys(args).length === expected.length &&
    action === DEMO_ACTION &&
    connector === DEMO_CONNECTOR &&
    asked.display === paymentSentence(payment);
  if (!same) throw new Error('The service asks for something else than you typed. Nothing was signed.');
}

function showRequest(asked: ApprovalRequest): void {
  request = asked;
  const change = element('button', { type: 'button', class: 'plain-button' }, 'Change it');
  change.addEventListener('click', () => askAgain());
  const view = byId('request', 'div');
  replaceChildren(view, ...requestView(asked), element('p', { id: 'change-request' }, change));
  view.hidden = false;
  form.hidden = true;
  goTo('decision');
}

function askAgain(): void {
  request = undefined;
  byId('request', 'div').hidden = true;
  form.hidden = false;
  goTo('action');
}

// 3: the decision

byId('approve', 'button').addEventListener('click', (event) => decide(event, 'approved'));
byId('reject', 'button').addEventListener('click', (event) => decide(event, 'rejected'));

function decide(event: Event, decision: 'approved' | 'rejected'): Promise<void> {
  return busy(event, async () => {
    if (passkey === undefined || request === undefined) return;
    const message = byId('decision-message', 'p');
    message.hidden = true;
    try {
      const signed = await signStatement(requestStatement(request, decision), passkey);
      const outcome = await sendAnswer(request, decision, passkey, signed);
      await showLogged(outcome, decision, signed);
    } catch (error) {
      message.textContent = ceremonyProblem(error);
      message.hidden = false;
    }
  });
}

// 4: on the record

async function showLogged(outcome: Logged, decision: 'approved' | 'rejected', signed: SignedDecision): Promise<void> {
  logged = outcome;
  const report = await verify(outcome.receipt);
  const download = element(
    'a',
    { class: 'button', href: receiptFile(outcome.receipt), download: `assent-${outcome.index}.receipt.json` },
    'Download the receipt',
  );
  const again = element('button', { type: 'button', class: 'button' }, 'Start over');
  again.addEventListener('click', startOver);
  for (const id of ['approve', 'reject']) byId(id, 'button').parentElement!.hidden = true;
  document.getElementById('change-request')?.remove();
  const said = byId('decision-message', 'p');
  said.textContent = decision === 'approved' ? 'You approved.' : 'You rejected.';
  said.hidden = false;
  replaceChildren(
    byId('logged', 'div'),
    element(
      'p',
      {},
      decision === 'approved'
        ? 'Your approval is in the log.'
        : 'Your refusal is in the log. It authorizes nothing, and nobody can say that you were not asked.',
    ),
    loggedFacts(report, signed),
    verdictView(report, { slim: true }),
    element(
      'div',
      { class: 'buttons' },
      element(
        'a',
        {
          class: 'button main',
          href: await receiptLink(outcome.receipt),
          target: '_blank',
          rel: 'noopener',
          id: 'open-verify',
        },
        'Open it in Verify',
        element('span', { class: 'unseen' }, ' (new tab)'),
      ),
      download,
      again,
    ),
  );
  goTo('logged');
  // The last step waits for nothing: both are open from here on.
  byId('step-forge', 'li').dataset.state = 'current';
}

function loggedFacts({ log, unverified_log: claimed }: Report, { challenge }: SignedDecision): HTMLElement {
  const place = log ?? claimed;
  const rows: (readonly [Child, Child])[] =
    place === undefined
      ? []
      : [
          ['Entry', `${place.index}, in a tree of ${place.size}`],
          ['Logged', place.logged_at === undefined ? undefined : timeView(place.logged_at)],
          ['Leaf hash', digest(place.leaf_hash)],
          ['Signed root', digest(place.root)],
        ];
  return facts('facts wide', [...rows, ['Challenge that was signed', digest(challenge)]]);
}

let file: string | undefined;

function receiptFile(receipt: string): string {
  if (file !== undefined) URL.revokeObjectURL(file);
  file = URL.createObjectURL(new Blob([receipt], { type: 'application/vnd.assent.receipt+json' }));
  return file;
}

/** With the key that this log serves, and with the action that this page asked about: it knows what should run. */
function verify(receipt: string): Promise<Report> {
  return verifyReceipt(receipt, { logKeys: vkeys, ...(request && { intent: request.intent }) });
}

function startOver(): void {
  logged = undefined;
  byId('approve', 'button').parentElement!.hidden = false;
  byId('decision-message', 'p').hidden = true;
  undoForgery();
  askAgain();
}

// 5: forgeries

byId('change-amount', 'button').addEventListener('click', () => forge(withMoreMoney));
byId('change-entry', 'button').addEventListener('click', () => forge(withEarlierTime));
byId('undo', 'button').addEventListener('click', () => {
  undoForgery();
  byId('change-amount', 'button').focus();
  announce('The receipt is as it was.');
});

async function forge(make: (receipt: string) => Forgery): Promise<void> {
  if (logged === undefined) return;
  const { receipt, what, before, after, why } = make(logged.receipt);
  const report = await verify(receipt);
  const failures = report.checks.filter(({ status }) => status === 'fail');
  replaceChildren(
    byId('forged', 'div'),
    element(
      'p',
      { class: 'change' },
      element('span', { class: 'soft' }, `${what}, in the receipt`),
      element('span', {}, element('del', {}, before), ' → ', element('ins', {}, after)),
    ),
    verdictView(report, { slim: true }),
    element('p', {}, why),
    element('ul', { class: 'checks' }, ...failures.map((check) => element('li', {}, checkView(check)))),
    element(
      'div',
      { class: 'buttons' },
      element(
        'a',
        { class: 'button', href: await receiptLink(receipt), target: '_blank', rel: 'noopener', id: 'open-forged' },
        'Open the forged receipt in Verify',
        element('span', { class: 'unseen' }, ' (new tab)'),
      ),
    ),
  );
  byId('undo', 'button').hidden = false;
}

function undoForgery(): void {
  byId('forged', 'div').replaceChildren();
  byId('undo', 'button').hidden = true;
}

// What all of them need

/** A button works once at a time: a second ceremony would cancel the first. */
async function busy(event: Event, work: () => Promise<void>): Promise<void> {
  const buttons = [...byId('steps', 'ol').querySelectorAll('button')];
  complain(undefined);
  const working = event.currentTarget instanceof HTMLElement ? event.currentTarget : undefined;
  for (const button of buttons) button.disabled = true;
  working?.setAttribute('aria-busy', 'true');
  try {
    await work();
  } finally {
    for (const button of buttons) button.disabled = false;
    working?.removeAttribute('aria-busy');
  }
}

function complain(text: string | undefined): void {
  const place = byId('unable', 'p');
  place.textContent = text ?? '';
  place.hidden = text === undefined;
  if (text !== undefined) place.scrollIntoView({ block: 'nearest' });
}

function announce(text: string): void {
  byId('announcement', 'p').textContent = text;
}

goTo('passkey', { focus: false });
if (!('credentials' in navigator) || !isSecureContext) {
  complain('This browser offers no passkeys here. Open this page under http://localhost in a current browser.');
}
const served = await fetchServedLog();
if (served === undefined) complain('The log cannot be reached. Reload the page when it runs.');
vkeys = served?.vkeys ?? [];
const remembered = rememberedPasskey();
if (remembered !== undefined) usePasskey(remembered, { focus: false });
