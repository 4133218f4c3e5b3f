import type { Report } from '@assent/verifier';
import { DOWNLOAD_RECEIPT } from '../../words/common.ts';
import { LOGGED } from '../../words/demo.ts';
import { type Child, digest, element, facts } from '../shared/dom.ts';
import { timeView } from '../shared/times.ts';
import { verdictView } from '../shared/verdict-view.ts';
import type { SignedDecision } from './passkey.ts';
import type { Logged } from './service.ts';

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
export function loggedView({ decision, logged, signed, report, link }: LoggedDecision, again: () => void): Child[] {
  const restart = element('button', { type: 'button', class: 'plain-button' }, LOGGED.again);
  restart.addEventListener('click', again);
  return [
    element('p', {}, LOGGED[decision]),
    // The page has the key from this log alone.
    verdictView(report, { slim: true, onItsWord: true }),
    placeFacts(report),
    fingerprints(report, signed),
    element(
      'div',
      { class: 'buttons' },
      newTabLink('open-verify', 'button main', link, LOGGED.verify),
      element(
        'a',
        { class: 'button', href: fileOf(logged.receipt), download: `assent-${logged.index}.receipt.json` },
        DOWNLOAD_RECEIPT,
      ),
      restart,
    ),
  ];
}

/** The demo keeps its place while the receipt is looked at. */
export function newTabLink(id: string, className: string, href: string, text: string): HTMLAnchorElement {
  const attributes = { id, class: className, href, target: '_blank', rel: 'noopener' };
  return element('a', attributes, text, element('span', { class: 'unseen' }, LOGGED.newTab));
}

function placeFacts({ log, unverified_log }: Report): HTMLElement | undefined {
  const place = log ?? unverified_log;
  if (place === undefined) return undefined;
  const entry = newTabLink('open-entry', '', `/entry/${place.index}`, LOGGED.placed.entry(place.index));
  return facts('facts wide', [
    [LOGGED.place, element('span', {}, entry, LOGGED.placed.size(place.size))],
    [LOGGED.logged, place.logged_at === undefined ? undefined : timeView(place.logged_at)],
  ]);
}

/** For those who ask. */
function fingerprints({ log, unverified_log }: Report, { challenge }: SignedDecision): HTMLElement {
  const place = log ?? unverified_log;
  const rows: readonly (readonly [Child, Child])[] =
    place === undefined
      ? []
      : [
          [LOGGED.leaf, digest(place.leaf_hash)],
          [LOGGED.root, digest(place.root)],
        ];
  return element(
    'details',
    { class: 'more' },
    element('summary', {}, LOGGED.fingerprints),
    facts('facts wide', [...rows, [LOGGED.challenge, digest(challenge)]]),
  );
}

let file: string | undefined;

/** One at a time is kept alive, or every repetition of the demo would hold on to its receipt. */
function fileOf(receipt: string): string {
  if (file !== undefined) URL.revokeObjectURL(file);
  file = URL.createObjectURL(new Blob([receipt], { type: 'application/vnd.assent.receipt+json' }));
  return file;
}
