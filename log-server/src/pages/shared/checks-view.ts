import { base64Decode, type Check, EVIDENCE_CHECK_IDS, hexEncode, type Report } from '@assent/verifier';
import {
  CHECK,
  CHECKS,
  CONFIRMED,
  FAILED_TITLES,
  FAILED_WINDOW,
  RESULT,
  SENTENCE,
  STATUS,
  TIMELINE,
  USED,
} from '../../words/receipts.ts';
import { type Child, digest, element, facts, more, said, saidInBrief } from './dom.ts';
import { icon } from './icons.ts';
import { isEmpty, isOnItsWord, isPointless, isUnmade, personWords, tooFewWitnesses } from './sentence.ts';
import type { Use } from './timeline-view.ts';
import { dayOf, timeView } from './times.ts';

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
function isUse({ id, status }: Check, use: Use): boolean {
  return id === 'use' && status === 'skip' && use.kind === 'used';
}

function titleOf({ id, status, title, code = 'premise_failed' }: Check): string {
  if (status !== 'fail') return title;
  const titles: { readonly [code: string]: string } = id === 'window' ? FAILED_WINDOW : {};
  return titles[code] ?? FAILED_TITLES[id];
}

/** Hashes as they stand everywhere on the page; the report has those of a tree as its proof has them, in base64. */
function compared(value: string): HTMLElement {
  const hash = /^[\w+/]{43}=$/.test(value) ? base64Decode(value) : undefined;
  return digest(hash?.ok ? hexEncode(hash.value) : value);
}

/** What this page says better: times as people read them; and the use, which it knows of, and the check, a gate's, did not look at. */
function foundOut({ id, status }: Check, { log }: Report, use: Use): Child[] | undefined {
  if (id === 'witnesses' && log?.seen_by !== undefined) {
    const names = log.witnesses.map(({ name }) => name).join(', ');
    return [CONFIRMED.by, saidInBrief(names, 200), CONFIRMED.enough, timeView(log.seen_by), '.'];
  }
  if (id !== 'use' || status !== 'skip') return undefined;
  if (use.kind === 'used')
    return [USED.on + dayOf(use.at) + SENTENCE.bySystem, saidInBrief(use.boundary, 80), USED.proven];
  return use.kind === 'claimed' ? [TIMELINE.usedUnproven] : undefined;
}

/** Details begin in lower case where they name a member ("entry.kind is …"): those stay as they are. */
function sentence(detail: string): string {
  const start = /^[a-z]+ /.test(detail) ? detail.charAt(0).toUpperCase() + detail.slice(1) : detail;
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

/** One check, openable: what was found and that in plain words, the two values where two were compared, what it proves and what not. */
export function checkView(
  check: Check,
  report: Report,
  use: Use = { kind: 'unknown' },
  ownWitnesses = false,
): HTMLDetailsElement {
  const { id, status, detail, code, expected, computed } = check;
  const { proves, leaves } = CHECKS[id];
  const isUsed = isUse(check, use);
  const shown = statusOf(check, report, use, ownWitnesses);
  const hasProof = status === 'pass' && shown !== 'noLimit' && shown !== 'noWitnesses';
  const tone = isUsed ? 'refused' : (hasProof && shown !== 'no_quorum') || status === 'fail' ? status : 'skip';
  const found = foundOut(check, report, use);
  const finding = element('p', {}, ...(found ?? [said(sentence(detail))]));
  const values =
    (expected !== undefined || computed !== undefined || (code !== undefined && !isUsed)) &&
    facts('facts well', [
      expected === undefined ? undefined : [CHECK.expected, compared(expected)],
      computed === undefined ? undefined : [CHECK.computed, compared(computed)],
      code === undefined ? undefined : [CHECK.code, element('code', {}, code)],
    ]);
  return element(
    'details',
    { class: `check ${tone}`, open: status === 'fail', 'data-check': id, 'data-status': status },
    element(
      'summary',
      { class: 'check-summary' },
      icon(tone),
      element('span', { class: 'check-title' }, isUsed ? USED.title : titleOf(check)),
      element('span', { class: 'check-status' }, STATUS[shown]),
    ),
    element(
      'div',
      { class: 'check-body' },
      code !== undefined && found === undefined && element('p', {}, element('strong', {}, personWords(check))),
      // Of two actions that differ the words above say all that the finding does.
      ...(code === 'intent_mismatch' ? [more(CHECK.compared, finding, values)] : [finding, values]),
      !isUsed &&
        facts('facts pair', [
          [hasProof ? CHECK.proves : CHECK.wouldProve, proves],
          [CHECK.leaves, leaves],
        ]),
    ),
  );
}
