import type { Report } from '@assent/verifier';
import { FORGERIES } from '../../words/demo.ts';
import { checkView } from '../shared/checks-view.ts';
import { byId, type Child, element, replaceChildren } from '../shared/dom.ts';
import { receiptLink } from '../shared/receipt-link.ts';
import { briefTimeView } from '../shared/times.ts';
import { verdictView } from '../shared/verdict-view.ts';
import { type Forgery, withEarlierTime, withMoreMoney } from './forge.ts';
import { newTabLink } from './logged-view.ts';
import { onClick } from './page.ts';

export type ForgeStep = { undo(): void };

/** Step 5. `receipt` is the genuine one, `verify` what the page checks every receipt with. */
export function setUpForgeStep(
  receipt: () => string | undefined,
  verify: (receipt: string) => Promise<Report>,
): ForgeStep {
  const shown = byId('forged', 'div');
  const undoButton = onClick('undo', () => {
    undo();
    more.focus();
  });
  const undo = (): void => {
    shown.replaceChildren();
    undoButton.hidden = true;
  };
  const forge = async (make: (receipt: string) => Forgery): Promise<void> => {
    const genuine = receipt();
    if (genuine === undefined) return;
    const forgery = make(genuine);
    const [report, link] = await Promise.all([verify(forgery.receipt), receiptLink(forgery.receipt)]);
    replaceChildren(shown, ...forgeryView(forgery, report, link));
    undoButton.hidden = false;
  };
  const more = onClick('change-amount', () => forge(withMoreMoney));
  onClick('change-entry', () => forge(withEarlierTime));
  return { undo };
}

function forgeryView({ what, before, after, why }: Forgery, report: Report, link: string): HTMLElement[] {
  const failures = report.checks.filter(({ status }) => status === 'fail');
  return [
    element(
      'p',
      { class: 'change' },
      element('span', { class: 'soft' }, FORGERIES.where(what)),
      element('span', {}, element('del', {}, shownValue(before)), ' → ', element('ins', {}, shownValue(after))),
    ),
    verdictView(report, { slim: true, onItsWord: true }),
    element('p', {}, why),
    element('ul', { class: 'checks' }, ...failures.map((check) => element('li', {}, checkView(check, report)))),
    element('div', { class: 'buttons' }, newTabLink('open-forged', 'button', link, FORGERIES.verify)),
  ];
}

function shownValue(value: string | Date): Child {
  return typeof value === 'string' ? value : briefTimeView(value.toISOString());
}
