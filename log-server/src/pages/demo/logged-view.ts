import type { Report } from '@assent/verifier';
import { type Child, digest, element, facts } from '../shared/dom.ts';
import { timeView } from '../shared/times.ts';
import { verdictView } from '../shared/verdict-view.ts';
import type { SignedDecision } from './passkey.ts';
import type { Logged } from './service.ts';

const WORDS = {
  approved: 'Your approval is in the log.',
  rejected: 'Your refusal is in the log. It authorizes nothing, and nobody can say that you were not asked.',
} as const;

export type LoggedDecision = {
  readonly decision: 'approved' | 'rejected';
  readonly logged: Logged;
  readonly signed: SignedDecision;
  /** Of the receipt, made in this page. */
  readonly report: Report;
  /** To /verify, with the receipt in it. */
  readonly link: string;
};

/** Step 4: where the decision stands in the log, what the receipt is worth, and the receipt itself. */
export function loggedView(
  { decision, logged, signed, report, link }: LoggedDecision,
  again: () => void,
): HTMLElement[] {
  const restart = element('button', { type: 'button', class: 'button' }, 'Start over');
  restart.addEventListener('click', again);
  return [
    element('p', {}, WORDS[decision]),
    placeFacts(report, signed),
    verdictView(report, { slim: true }),
    element(
      'div',
      { class: 'buttons' },
      newTabLink('open-verify', 'button main', link, 'Open it in Verify'),
      element(
        'a',
        { class: 'button', href: fileOf(logged.receipt), download: `assent-${logged.index}.receipt.json` },
        'Download the receipt',
      ),
      restart,
    ),
  ];
}

/** The demo keeps its place while the receipt is looked at. */
export function newTabLink(id: string, className: string, href: string, text: string): HTMLAnchorElement {
  const attributes = { id, class: className, href, target: '_blank', rel: 'noopener' };
  return element('a', attributes, text, element('span', { class: 'unseen' }, ' (new tab)'));
}

function placeFacts({ log, unverified_log }: Report, { challenge }: SignedDecision): HTMLElement {
  const place = log ?? unverified_log;
  const rows: readonly (readonly [Child, Child])[] =
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

/** One at a time is kept alive, or every repetition of the demo would hold on to its receipt. */
function fileOf(receipt: string): string {
  if (file !== undefined) URL.revokeObjectURL(file);
  file = URL.createObjectURL(new Blob([receipt], { type: 'application/vnd.assent.receipt+json' }));
  return file;
}
