import { type Check, type CheckId, EVIDENCE_CHECK_IDS, type Report } from '@assent/verifier';
import { digest, element, facts, said } from './dom.ts';
import { icon } from './icons.ts';

const STATUS_WORDS: Readonly<Record<Check['status'], string>> = { pass: 'Passed', fail: 'Failed', skip: 'Not checked' };

/** What each check means, before anyone has learned the words. */
const MEANINGS: Readonly<Record<CheckId, string>> = {
  receipt: 'The file is a receipt, complete and in the one form that there is.',
  entry: 'What the log stored can be read in one way only.',
  inclusion:
    'Hashing the entry upward, with the hashes in the receipt, leads to the root that the log signed. So the entry is in the log, at this place.',
  checkpoint: 'The signature over the size and root of the whole log was made by the log key that you trust.',
  witnesses:
    'Independent parties, where some are asked for, confirm that they saw the same log, so that it cannot show each reader another one.',
  content:
    'What is disclosed is what was sealed and signed: the content if it was sealed, the action and the text by their digests.',
  signatures: 'Each signature was made by the key that it names, over exactly this decision.',
  intent: 'The approved action is the one that you are about to run. Only who runs it can say.',
  trust: 'The keys belong to people who are allowed to approve. That takes a list of them that you trust.',
  revocation: 'None of the keys was reported as lost or stolen.',
  policy: 'Enough people of the right roles approved.',
  window: 'The decision was logged while it was open, and has not expired.',
  use: 'An approval for one use was not used before.',
};

/** Every check, made or not, in the report's order and in its two groups; failed ones are open. */
export function checksView({ checks }: Report): HTMLElement {
  const isEvidence = ({ id }: Check) => EVIDENCE_CHECK_IDS.includes(id);
  return element(
    'div',
    { class: 'stack' },
    group('Is it genuine?', checks.filter(isEvidence)),
    group(
      'Is it enough to act upon?',
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
      element('span', { class: 'check-count' }, `${passed} of ${checks.length} passed`),
    ),
    element('ul', { class: 'checks' }, ...checks.map((check) => element('li', {}, checkView(check)))),
  );
}

/** A pass that rests on nobody's second look is not to be mistaken for one that does. */
function statusWords({ status, code }: Check): string {
  return status === 'pass' && code === 'no_quorum' ? 'None required' : STATUS_WORDS[status];
}

/** Details begin in lower case where they name a member ("entry.kind is …"): those stay as they are. */
function sentence(detail: string): string {
  const start = /^[a-z]+ /.test(detail) ? detail.charAt(0).toUpperCase() + detail.slice(1) : detail;
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

/** One check, openable: what it means, what was found, and the two values where two were compared. */
export function checkView(check: Check): HTMLDetailsElement {
  const { id, status, title, detail, code, expected, computed } = check;
  return element(
    'details',
    { class: `check ${status}`, open: status === 'fail', 'data-check': id, 'data-status': status },
    element(
      'summary',
      { class: 'check-summary' },
      icon(status),
      element('span', { class: 'check-title' }, title),
      element('span', { class: 'check-status' }, statusWords(check)),
    ),
    element(
      'div',
      { class: 'check-body' },
      element('p', { class: 'soft' }, MEANINGS[id]),
      element('p', {}, said(sentence(detail))),
      (expected !== undefined || computed !== undefined || code !== undefined) &&
        facts('facts well', [
          expected === undefined ? undefined : ['Expected', digest(expected)],
          computed === undefined ? undefined : ['Computed', digest(computed)],
          code === undefined ? undefined : ['Code', element('code', {}, code)],
        ]),
    ),
  );
}
