import type { Check, Report } from '@assent/verifier';
import { FACES, type Face, ON_ITS_WORD, OTHER_KEY, RECORD, SEALED, SENTENCE } from '../../words/receipts.ts';
import { element } from './dom.ts';
import { type IconName, icon } from './icons.ts';
import { faceOf, needsOtherKey, remark, sentence } from './sentence.ts';
import type { Use } from './timeline-view.ts';
import { timeView } from './times.ts';

/** Each has a shape, a word and a tone of its own: authentic is not a paler authorized, it is something else. */
const LOOKS: Readonly<Record<Face, { readonly tone: string; readonly icon: IconName }>> = {
  authorized: { tone: 'pass', icon: 'pass' },
  authentic: { tone: 'genuine', icon: 'authentic' },
  pending: { tone: 'undecided', icon: 'pending' },
  incomplete: { tone: 'undecided', icon: 'incomplete' },
  refused: { tone: 'warn', icon: 'refused' },
  invalid: { tone: 'fail', icon: 'fail' },
};

/**
 * The answer: a shape, a word and one sentence.
 *
 * @param options `slim` is for a place inside of another section; `at`, in ms, the time as of which it was judged; `onItsWord` where
 * nobody but the log says which key is its own, and `ownWitnesses` which witnesses count; `means` in place of what the answer means
 * elsewhere; `why` as of `sentence`; `trust` where in the page the reader says what to check it with
 */
export function verdictView(
  report: Report,
  {
    slim = false,
    use,
    at,
    onItsWord = false,
    ownWitnesses = false,
    means: itsOwn,
    why,
    trust,
  }: {
    readonly slim?: boolean;
    readonly use?: Use;
    readonly at?: number | undefined;
    readonly onItsWord?: boolean;
    readonly ownWitnesses?: boolean;
    readonly means?: string | undefined;
    readonly why?: string | undefined;
    readonly trust?: `#${string}` | undefined;
  } = {},
): HTMLElement {
  const face = faceOf(report);
  const { tone, icon: shape } = LOOKS[face];
  const { word, means } = FACES[face];
  const isRecord = face === 'authentic' && report.approval === undefined;
  const isSealed = face === 'incomplete' && report.approval === undefined && report.log?.sealed !== undefined;
  const own =
    itsOwn ??
    (isSealed
      ? SEALED[onItsWord ? 'onItsWord' : 'proven']
      : onItsWord
        ? ON_ITS_WORD[face]
        : isRecord
          ? RECORD
          : undefined);
  const remarks = remark(report, use, ownWitnesses);
  return element(
    'div',
    { class: `verdict ${tone}${slim ? ' slim' : ''}`, 'data-verdict': report.verdict, 'data-face': face },
    icon(shape),
    element(
      'div',
      {},
      element(slim ? 'h3' : 'h2', { tabindex: '-1' }, word),
      element('p', { class: 'answer' }, ...sentence(report, { use, why, ownWitnesses })),
      element(
        'p',
        { class: 'means' },
        why === undefined && needsOtherKey(report) ? OTHER_KEY : (own ?? means),
        ...(at === undefined ? [] : [SENTENCE.asOf, timeView(new Date(at).toISOString()), '.']),
      ),
      element(
        'p',
        { class: 'note' },
        remarks,
        ...(trust !== undefined && (report.checks.some(isForWantOfTrust) || needsOtherKey(report))
          ? [' ', element('a', { href: trust, class: 'screen-only' }, SENTENCE.trust)]
          : []),
      ),
    ),
  );
}

/** It was not made, and would be once the reader says what to trust. */
function isForWantOfTrust({ code }: Check): boolean {
  return code === 'no_log_key' || code === 'no_trust_root' || code === 'no_policy';
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
