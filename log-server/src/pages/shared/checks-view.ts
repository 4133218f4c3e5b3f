import { type Check, EVIDENCE_CHECK_IDS, type Report } from '@assent/verifier';
import { CHECK, FAILED_TITLES, FAILED_WINDOW, RESULT, STATUS, USED } from '../../words/receipts.ts';
import { element } from './dom.ts';
import { icon } from './icons.ts';
import { fillOnDemand } from './on-demand.ts';
import { isEmpty, isOnItsWord, isPointless, isUnmade, personWords, tooFewWitnesses } from './sentence.ts';
import type { Use } from './timeline-view.ts';

/**
 * Every check that somebody could ask for, made or not, in the report's order and in its two groups; failed ones are open.
 *
 * @param ownWitnesses nobody but the log says which witnesses count
 */
export function checksView(report: Report, use: Use, ownWitnesses: boolean): HTMLElement {
  const isEvidence = ({ id }: Check) => EVIDENCE_CHECK_IDS.includes(id);
  const group = (title: string, checks: readonly Check[]): HTMLElement | undefined => {
    const counted = checks.filter((check) => !isPointless(check, report, use));
    const shown = checks.filter((check) => counted.includes(check) || isUse(check, use));
    const views = shown.map((check) => element('li', {}, checkView(check, report, use, ownWitnesses)));
    return views.length === 0 ? undefined : groupView(report, title, counted, views, ownWitnesses);
  };
  const parts = [
    group(RESULT.genuine, report.checks.filter(isEvidence)),
    group(
      (report.approval?.decision ?? 'approved') === 'approved' ? RESULT.enough : RESULT.signers,
      report.checks.filter((check) => !isEvidence(check)),
    ),
  ];
  return element('div', { class: 'stack' }, ...parts);
}

function groupView(
  report: Report,
  title: string,
  counted: readonly Check[],
  views: readonly HTMLElement[],
  ownWitnesses: boolean,
): HTMLElement {
  const made = counted.filter((check) => !isEmpty(check));
  const passed = made.filter((check) => check.status === 'pass' && !isOnItsWord(check, ownWitnesses)).length;
  const isOpen = made.every(({ status }) => status === 'skip');
  const open = made.every((check) => isUnmade(check, report)) ? STATUS.unmade : STATUS.skip;
  return element(
    'section',
    { class: 'check-group' },
    element(
      'h3',
      { class: 'check-group-title' },
      title,
      element('span', { class: 'check-count' }, isOpen ? open : passed + CHECK.of + made.length + CHECK.passed),
    ),
    element('ul', { class: 'checks' }, ...views),
  );
}

/** A pass that rests on nobody's second look, or for which nobody looked at all, is not to be mistaken for one that does not. */
function statusOf(check: Check, report: Report, use: Use, ownWitnesses: boolean): keyof typeof STATUS {
  const { id, status } = check;
  if (isEmpty(check)) return id === 'use' ? 'noLimit' : 'noWitnesses';
  if (isOnItsWord(check, ownWitnesses)) return 'no_quorum';
  if (tooFewWitnesses(check)) return 'notYet';
  if (isUnmade(check, report)) return 'unmade';
  return isUse(check, use) ? 'used' : status;
}

/** A gate's check, which nobody made here; but the use is known. */
export function isUse({ id, status }: Check, use: Use): boolean {
  return id === 'use' && status === 'skip' && use.kind === 'used';
}

function titleOf({ id, status, title, code = 'premise_failed' }: Check): string {
  if (status !== 'fail') return title;
  const titles: { readonly [code: string]: string } = id === 'window' ? FAILED_WINDOW : {};
  return titles[code] ?? FAILED_TITLES[id];
}

/**
 * One check, openable; a failed one is open, and says in plain words what is wrong. All else that it says is a script of its own
 * (check-parts.ts), which is fetched for whoever opens one.
 */
export function checkView(
  check: Check,
  report: Report,
  use: Use = { kind: 'unknown' },
  ownWitnesses = false,
): HTMLDetailsElement {
  const { id, status } = check;
  const isUsed = isUse(check, use);
  const shown = statusOf(check, report, use, ownWitnesses);
  const hasProof = status === 'pass' && !['noLimit', 'noWitnesses', 'no_quorum'].includes(shown);
  const tone = isUsed ? 'refused' : hasProof || status === 'fail' ? status : 'skip';
  const parts = element('div', { class: 'check-parts' });
  const view = element(
    'details',
    { class: `check ${tone}`, open: status === 'fail', 'data-check': id, 'data-status': status },
    element(
      'summary',
      { class: 'check-summary' },
      icon(tone),
      element('span', { class: 'check-title' }, isUsed ? USED : titleOf(check)),
      element('span', { class: 'check-status' }, STATUS[shown]),
    ),
    element('div', { class: 'check-body' }, status === 'fail' && inPlainWords(check), parts),
  );
  const fill = () =>
    fillOnDemand(
      parts,
      () => import('./check-parts.ts'),
      ({ checkParts }) => checkParts(check, report, { use, hasProof }),
    );
  view.addEventListener('toggle', () => void fill(), { once: true });
  return view;
}

export function inPlainWords(check: Check): HTMLElement {
  return element('p', {}, element('strong', {}, personWords(check)));
}
