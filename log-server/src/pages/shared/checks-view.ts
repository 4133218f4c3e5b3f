import { type Check, EVIDENCE_CHECK_IDS, type Report } from '@assent/verifier';
import { PERSON_WORDS } from '@assent/verifier/words';
import { CHECK, CHECKS, RESULT, STATUS } from '../../words/receipts.ts';
import { digest, element, facts, said } from './dom.ts';
import { icon } from './icons.ts';

/** Every check, made or not, in the report's order and in its two groups; failed ones are open. */
export function checksView({ checks }: Report): HTMLElement {
  const isEvidence = ({ id }: Check) => EVIDENCE_CHECK_IDS.includes(id);
  return element(
    'div',
    { class: 'stack' },
    group(RESULT.genuine, checks.filter(isEvidence)),
    group(
      RESULT.enough,
      checks.filter((check) => !isEvidence(check)),
    ),
  );
}

function group(title: string, checks: readonly Check[]): HTMLElement {
  const passed = checks.filter(({ status }) => status === 'pass').length;
  return element(
    'section',
    { class: 'check-group' },
    element(
      'h3',
      { class: 'check-group-title' },
      title,
      element('span', { class: 'check-count' }, passed + CHECK.of + checks.length + CHECK.passed),
    ),
    element('ul', { class: 'checks' }, ...checks.map((check) => element('li', {}, checkView(check)))),
  );
}

/** A pass that rests on nobody's second look is not to be mistaken for one that does. */
function statusWords({ status, code }: Check): string {
  return status === 'pass' && code === 'no_quorum' ? STATUS.no_quorum : STATUS[status];
}

/** Details begin in lower case where they name a member ("entry.kind is …"): those stay as they are. */
function sentence(detail: string): string {
  const start = /^[a-z]+ /.test(detail) ? detail.charAt(0).toUpperCase() + detail.slice(1) : detail;
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

/** One check, openable: what was found and that in plain words, the two values where two were compared, what it proves and what not. */
export function checkView(check: Check): HTMLDetailsElement {
  const { id, status, title, detail, code, expected, computed } = check;
  const { proves, leaves } = CHECKS[id];
  return element(
    'details',
    { class: `check ${status}`, open: status === 'fail', 'data-check': id, 'data-status': status },
    element(
      'summary',
      { class: 'check-summary' },
      icon(code === 'no_quorum' ? 'skip' : status),
      element('span', { class: 'check-title' }, title),
      element('span', { class: 'check-status' }, statusWords(check)),
    ),
    element(
      'div',
      { class: 'check-body' },
      code !== undefined && element('p', {}, element('strong', {}, PERSON_WORDS[code])),
      element('p', {}, said(sentence(detail))),
      (expected !== undefined || computed !== undefined || code !== undefined) &&
        facts('facts well', [
          expected === undefined ? undefined : [CHECK.expected, digest(expected)],
          computed === undefined ? undefined : [CHECK.computed, digest(computed)],
          code === undefined ? undefined : [CHECK.code, element('code', {}, code)],
        ]),
      facts('facts pair', [
        [status === 'pass' && code === undefined ? CHECK.proves : CHECK.wouldProve, proves],
        [CHECK.leaves, leaves],
      ]),
    ),
  );
}
