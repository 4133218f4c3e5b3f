/** All that is shown about one receipt below the verdict. */
import { type LogFacts, parseNote, type Receipt } from '@assent/verifier';
import { PRINT } from '../../words/common.ts';
import { CHECK_TERMS, FACTS, RESULT, TIMELINE, TIMELINE_TERMS } from '../../words/receipts.ts';
import { approvalView } from '../shared/approval-view.ts';
import { cardOnDemand } from '../shared/card-on-demand.ts';
import { checksView } from '../shared/checks-view.ts';
import { copyTextButton } from '../shared/copy-buttons.ts';
import { button, type Child, element, note, said, warning } from '../shared/dom.ts';
import { downloadButton } from '../shared/download.ts';
import { icon } from '../shared/icons.ts';
import { receiptLink } from '../shared/receipt-link.ts';
import { checkpointCode } from '../shared/sentence.ts';
import type { ServedLog } from '../shared/served-log.ts';
import { termsView } from '../shared/terms-view.ts';
import { timelineView, witnessed } from '../shared/timeline-view.ts';
import { dayOf } from '../shared/times.ts';
import type { Checked } from './checked.ts';
import { IS_SAVED } from './copy.ts';
import { witnessesOf } from './pins.ts';
import { printPage } from './print.ts';

/** What can be taken away; a link to a page on a disk would be of use to nobody else. */
export function actionsView({ asked, report, receipt }: Checked): HTMLElement {
  const text = typeof asked.receipt === 'string' ? asked.receipt : new TextDecoder().decode(asked.receipt);
  const name = `assent-${(report.log ?? report.unverified_log)?.index ?? ''}.receipt.json`;
  return element(
    'div',
    { class: 'buttons' },
    button(() => void printPage(), icon('print'), PRINT),
    copyTextButton(RESULT.copyReport, () => JSON.stringify(report, null, 2)),
    !IS_SAVED && copyTextButton(RESULT.copyLink, async () => location.origin + (await receiptLink(text))),
    receipt && downloadButton(name, () => text, icon('file'), RESULT.download),
  );
}

/** @param act where the approval can be judged as a gate would */
export function resultView(
  { report, receipt, use, options }: Checked,
  {
    madeWith,
    ownWitnesses,
    now,
    act,
  }: {
    readonly madeWith: string;
    readonly ownWitnesses: boolean;
    readonly now: number;
    readonly act: HTMLElement | undefined;
  },
): HTMLElement[] {
  const timeline = timelineView(report, use, now);
  const isClaimed = report.log === undefined || report.unverified_approval !== undefined;
  return [
    ...approvalView(report),
    ...(timeline
      ? [
          element(
            'section',
            { class: 'card' },
            element('h2', {}, TIMELINE.title),
            isClaimed && warning(FACTS.unproven),
            timeline,
            witnessed(report).length > 0 && termsView(TIMELINE_TERMS),
          ),
        ]
      : []),
    element(
      'section',
      { class: 'card' },
      element('h2', {}, RESULT.checks),
      note(madeWith),
      checksView(report, use, ownWitnesses),
      termsView(CHECK_TERMS),
    ),
    ...(act ? [act] : []),
    ...(receipt ? furtherParts(receipt, witnessesOf(options)) : []),
  ];
}

/** Few open these, and what makes them is long. @param witnesses that were asked for, as `name+key id` */
function furtherParts(receipt: Receipt, witnesses: readonly string[]): HTMLElement[] {
  return [
    cardOnDemand(
      'path',
      RESULT.path,
      () => import('../shared/merkle-view.ts'),
      ({ merkleParts }) => merkleParts(receipt),
    ),
    cardOnDemand(
      'evidence',
      RESULT.evidence,
      () => import('../shared/evidence-view.ts'),
      ({ evidenceParts }) => evidenceParts(receipt, new Set(witnesses)),
    ),
  ];
}

/** A genuine receipt of a log that the visitor has no key of fails like a forged one: say what would tell them apart. */
export function logHint({ report, needsOldKey }: Checked, retired: ServedLog['retired'] = []): Child {
  const { unverified_log: log } = report;
  switch (needsOldKey ? 'log_signature_missing' : log && checkpointCode(report)) {
    case 'origin_mismatch':
      return warning(RESULT.otherLog, said(log?.origin ?? ''), RESULT.otherPin);
    case 'log_signature_missing': {
      const known = retired.find(({ vkey }) => hasSigned(vkey, log));
      return warning(known ? RESULT.retired + dayOf(known.until) + RESULT.retiredPin : RESULT.otherKey);
    }
  }
  return undefined;
}

/** By its key id alone, of which nothing is checked here. */
export function hasSigned(vkey: string, log: LogFacts | undefined): boolean {
  const note = parseNote(log?.checkpoint ?? '');
  const [, id] = vkey.split('+');
  return note.ok && note.value.signatures.some(({ keyId }) => keyId.toString(16).padStart(8, '0') === id);
}
