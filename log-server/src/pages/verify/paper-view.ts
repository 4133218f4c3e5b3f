/** What only paper shows of a receipt that was checked: enough to look it up again. */

import type { Report } from '@assent/verifier';
import { PAPER } from '../../words/common.ts';
import { FACTS, RESULT } from '../../words/receipts.ts';
import { digestRows } from '../shared/approval-view.ts';
import { element, facts, note } from '../shared/dom.ts';
import { timeView } from '../shared/times.ts';
import type { Checked } from './checked.ts';

/**
 * The code that leads back is drawn by a script of its own, which is fetched when there is something to draw.
 *
 * @param url that opens the entry; undefined where none is known. @param madeWith whose word the log key is
 */
export function paperView({ report }: Checked, url: string | undefined, madeWith: string, now: number): HTMLElement {
  const checkedAt = element('span', {}, timeView(new Date(now).toISOString()), ` ${madeWith}`);
  const view = element(
    'div',
    { class: 'paper' },
    facts('facts wide', [...digestRows(report), [RESULT.checkedAt, checkedAt]]),
    // Until a code takes its place.
    note(PAPER.nothing),
  );
  if (url !== undefined) leadBack(view, report, url);
  return view;
}

/** Draws the code, in the place of one that is there, or of the words that stand beside it. */
export function leadBack(paper: HTMLElement, { log }: Report, url: string): void {
  void import('../shared/print-foot.ts').then(({ printFoot }) => {
    if (log !== undefined)
      paper.lastElementChild?.replaceWith(printFoot(url, FACTS.entry + log.index + FACTS.of + log.origin));
  });
}
