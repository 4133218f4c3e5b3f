import { type Report, verifyReceipt } from '@assent/verifier';
import { type ApprovalRequest, requestStatement } from '../../demo/payment-request.ts';
import { STEP } from '../../words/demo.ts';
import { byId, replaceChildren } from '../shared/dom.ts';
import { receiptLink } from '../shared/receipt-link.ts';
import { fetchServedLog } from '../shared/served-log.ts';
import { setUpActionStep } from './action-step.ts';
import { setUpForgeStep } from './forge-step.ts';
import { loggedView } from './logged-view.ts';
import { busy, complain, onClick } from './page.ts';
import { ceremonyProblem, type Passkey, signStatement } from './passkey.ts';
import { setUpPasskeyStep } from './passkey-step.ts';
import { type Logged, sendAnswer } from './service.ts';
import { focusOn, goTo } from './steps.ts';

type Decision = 'approved' | 'rejected';

let passkey: Passkey | undefined;
let request: ApprovalRequest | undefined;
let logged: Logged | undefined;

goTo('passkey', { focus: false });
const served = fetchServedLog();

/** With the key that this log serves, and with the action that this page asked about: it knows what should run. */
async function verify(receipt: string): Promise<Report> {
  const logKeys = (await served)?.vkeys ?? [];
  return verifyReceipt(receipt, { logKeys, ...(request && { intent: request.intent }) });
}

const forgeStep = setUpForgeStep(() => logged?.receipt, verify);

const actionStep = setUpActionStep((asked) => {
  request = asked;
  goTo(asked === undefined ? 'action' : 'decision');
});

setUpPasskeyStep((made, how) => {
  passkey = made;
  if (request === undefined) goTo('action', { focus: how === 'made' });
});

const decisionMessage = byId('decision-message', 'p');

function decide(event: Event, decision: Decision): Promise<void> {
  return busy(event, async () => {
    if (passkey === undefined || request === undefined) return;
    decisionMessage.hidden = true;
    try {
      const signed = await signStatement(requestStatement(request, decision), passkey);
      logged = await sendAnswer(request, decision, passkey, signed);
      const [report, link] = await Promise.all([verify(logged.receipt), receiptLink(logged.receipt)]);
      replaceChildren(byId('logged', 'div'), ...loggedView({ decision, logged, signed, report, link }, startOver));
      showDecided(decision);
    } catch (error) {
      decisionMessage.textContent = ceremonyProblem(error);
      decisionMessage.hidden = false;
    }
  });
}

function showDecided(decision: Decision): void {
  actionStep.close();
  byId('decide', 'div').hidden = true;
  decisionMessage.textContent = STEP[decision];
  decisionMessage.hidden = false;
  // What was logged comes first to the eye, and nothing is left to do in it.
  goTo('forge', { focus: false });
  focusOn('logged');
}

function startOver(): void {
  logged = undefined;
  byId('decide', 'div').hidden = false;
  decisionMessage.hidden = true;
  forgeStep.undo();
  actionStep.reopen();
}

onClick('approve', (event) => decide(event, 'approved'));
onClick('reject', (event) => decide(event, 'rejected'));

const obstacle = 'credentials' in navigator ? ((await served) === undefined ? STEP.noLog : undefined) : STEP.noPasskeys;
if (obstacle !== undefined) {
  byId('make-passkey-buttons', 'div').hidden = true;
  complain(obstacle);
}
