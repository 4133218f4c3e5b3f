/** All that is shown about one receipt below the verdict. */
import type { Report } from '@assent/verifier';
import { approvalView } from '../shared/approval-view.ts';
import { checksView } from '../shared/checks-view.ts';
import { copyTextButton } from '../shared/copy-buttons.ts';
import { button, element, note, said, warning } from '../shared/dom.ts';
import { evidenceView } from '../shared/evidence-view.ts';
import { icon } from '../shared/icons.ts';
import { merkleView } from '../shared/merkle-view.ts';
import { receiptLink } from '../shared/receipt-link.ts';
import { termsView } from '../shared/terms-view.ts';
import { timelineView } from '../shared/timeline-view.ts';
import { RESULT, TIMELINE } from '../shared/words.ts';
import type { Checked } from './checked.ts';

/** What can be taken away. @param canLink whether a link to this page is of use to somebody else */
export function actionsView({ asked, report }: Checked, canLink: boolean): HTMLElement {
  const text = typeof asked.receipt === 'string' ? asked.receipt : new TextDecoder().decode(asked.receipt);
  const name = `assent-${(report.log ?? report.unverified_log)?.index ?? ''}.receipt.json`;
  return element(
    'div',
    { class: 'buttons' },
    button(() => window.print(), icon('print'), RESULT.print),
    copyTextButton(RESULT.copyReport, () => JSON.stringify(report, null, 2)),
    canLink && copyTextButton(RESULT.copyLink, async () => location.origin + (await receiptLink(text))),
    button(() => saveFile(text, name), icon('file'), RESULT.download),
  );
}

function saveFile(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/vnd.assent.receipt+json' }));
  element('a', { href: url, download: name }).click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** @param act where the approval can be judged as a gate would */
export function resultView(
  { report, receipt, use }: Checked,
  { madeWith, now, act }: { readonly madeWith: string; readonly now: number; readonly act: HTMLElement | undefined },
): HTMLElement[] {
  const timeline = timelineView(report, use, now);
  return [
    ...approvalView(report),
    ...(timeline
      ? [element('section', { class: 'card' }, element('h2', {}, TIMELINE.title), timeline, termsView('witness'))]
      : []),
    element(
      'section',
      { class: 'card' },
      element('h2', {}, RESULT.checks),
      note(madeWith),
      checksView(report),
      termsView('log key', 'quorum', 'passkey'),
    ),
    ...(act ? [act] : []),
    ...(receipt ? [merkleView(receipt), evidenceView(receipt)] : []),
  ];
}

/** A genuine receipt of a log that the visitor has no key of fails like a forged one: say what would tell them apart. */
export function otherLogHint(
  { checks, unverified_log: log }: Report,
  names: readonly string[],
): HTMLElement | undefined {
  const unsigned = checks.some(({ id, status }) => id === 'checkpoint' && status === 'fail');
  if (!unsigned || log === undefined || names.length === 0 || names.includes(log.origin)) return undefined;
  return warning(RESULT.otherLog, said(log.origin), RESULT.otherTrusted, said(names.join(', ')), RESULT.otherPin);
}
