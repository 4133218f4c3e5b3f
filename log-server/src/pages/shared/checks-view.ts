import { type Check, EVIDENCE_CHECK_IDS, type Report } from '@assent/verifier';
import { CHECK, CHECKS, CONFIRMED, RESULT, SENTENCE, STATUS, TIMELINE, USED } from '../../words/receipts.ts';
import { type Child, digest, element, facts, said, saidInBrief } from './dom.ts';
import { icon } from './icons.ts';
import { isEmpty, personWords, tooFewWitnesses } from './sentence.ts';
import type { Use } from './timeline-view.ts';
import { dayOf, timeView } from './times.ts';

/** Every check, made or not, in the report's order and in its two groups; failed ones are open. */
export function checksView(report: Report, use: Use): HTMLElement {
  const { checks } = report;
  const isEvidence = ({ id }: Check) => EVIDENCE_CHECK_IDS.includes(id);
  return element(
    'div',
    { class: 'stack' },
    group(RESULT.genuine, checks.filter(isEvidence), report, use),
    group(
      RESULT.enough,
      checks.filter((check) => !isEvidence(check)),
      report,
      use,
    ),
  );
}

function group(title: string, checks: readonly Check[], report: Report, use: Use): HTMLElement {
  const made = checks.filter((check) => !isEmpty(check));
  const passed = made.filter(({ status }) => status === 'pass').length;
  return element(
    'section',
    { class: 'check-group' },
    element(
      'h3',
      { class: 'check-group-title' },
      title,
      element('span', { class: 'check-count' }, passed + CHECK.of + made.length + CHECK.passed),
    ),
    element('ul', { class: 'checks' }, ...checks.map((check) => element('li', {}, checkView(check, report, use)))),
  );
}

/** A pass that rests on nobody's second look, or for which nobody looked at all, is not to be mistaken for one that does not. */
function statusOf(check: Check, isUsed: boolean): keyof typeof STATUS {
  const { id, status, code } = check;
  if (isEmpty(check)) return id === 'use' ? 'noLimit' : 'noWitnesses';
  if (status === 'pass' && code === 'no_quorum') return code;
  if (tooFewWitnesses(check)) return 'notYet';
  return isUsed ? 'used' : status;
}

/** A failed check says what is so, where asking what its title claims and answering no would deny too much. */
function titleOf({ id, status, title, code = 'premise_failed' }: Check): string {
  if (status !== 'fail') return title;
  const titles: { readonly [code: string]: string } = id === 'window' ? CHECK.window : {};
  return titles[code] ?? title + CHECK.no;
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
export function checkView(check: Check, report: Report, use: Use = { kind: 'unknown' }): HTMLDetailsElement {
  const { id, status, detail, code, expected, computed } = check;
  const { proves, leaves } = CHECKS[id];
  const isUsed = id === 'use' && status === 'skip' && use.kind === 'used';
  const shown = statusOf(check, isUsed);
  const hasProof = status === 'pass' && shown !== 'noLimit' && shown !== 'noWitnesses';
  const tone = isUsed ? 'refused' : hasProof || status === 'fail' ? status : 'skip';
  const found = foundOut(check, report, use);
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
      element('p', {}, ...(found ?? [said(sentence(detail))])),
      (expected !== undefined || computed !== undefined || (code !== undefined && !isUsed)) &&
        facts('facts well', [
          expected === undefined ? undefined : [CHECK.expected, digest(expected)],
          computed === undefined ? undefined : [CHECK.computed, digest(computed)],
          code === undefined ? undefined : [CHECK.code, element('code', {}, code)],
        ]),
      !isUsed &&
        facts('facts pair', [
          [hasProof ? CHECK.proves : CHECK.wouldProve, proves],
          [CHECK.leaves, leaves],
        ]),
    ),
  );
}
