import type { Report } from '@assent/verifier';
import { FACES, type Face, SENTENCE } from '../../words/receipts.ts';
import { element } from './dom.ts';
import { type IconName, icon } from './icons.ts';
import { faceOf, remark, sentence } from './sentence.ts';
import type { Use } from './timeline-view.ts';
import { timeView } from './times.ts';

/** Each has a shape, a word and a tone of its own: authentic is not a paler authorized, it is something else. */
const LOOKS: Readonly<Record<Face, { readonly tone: string; readonly icon: IconName }>> = {
  authorized: { tone: 'pass', icon: 'pass' },
  authentic: { tone: 'genuine', icon: 'authentic' },
  pending: { tone: 'warn', icon: 'pending' },
  incomplete: { tone: 'warn', icon: 'incomplete' },
  refused: { tone: 'warn', icon: 'refused' },
  invalid: { tone: 'fail', icon: 'fail' },
};

/**
 * The answer: a shape, a word and one sentence.
 *
 * @param options `slim` is for a place inside of another section; `at`, in ms, the time as of which it was judged
 */
export function verdictView(
  report: Report,
  { slim = false, use, at }: { readonly slim?: boolean; readonly use?: Use; readonly at?: number | undefined } = {},
): HTMLElement {
  const face = faceOf(report);
  const { tone, icon: shape } = LOOKS[face];
  const { word, means } = FACES[face];
  return element(
    'div',
    { class: `verdict ${tone}${slim ? ' slim' : ''}`, 'data-verdict': report.verdict, 'data-face': face },
    icon(shape),
    element(
      'div',
      {},
      element(slim ? 'h3' : 'h2', { tabindex: '-1' }, word),
      element('p', { class: 'answer' }, ...sentence(report, use)),
      element(
        'p',
        { class: 'means' },
        means,
        ...(at === undefined ? [] : [SENTENCE.asOf, timeView(new Date(at).toISOString()), '.']),
      ),
      element('p', { class: 'note' }, remark(report, use)),
    ),
  );
}

/** Icon and word alone, for lists. */
export function verdictMark(report: Report): HTMLElement {
  const face = faceOf(report);
  return element(
    'span',
    { class: `mark ${LOOKS[face].tone}`, 'data-face': face },
    icon(LOOKS[face].icon),
    FACES[face].word,
  );
}
