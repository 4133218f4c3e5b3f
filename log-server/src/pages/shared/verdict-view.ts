import type { Check, Report, Verdict } from '@assent/verifier';
import { type Child, element, said } from './dom.ts';
import { type IconName, icon } from './icons.ts';

const FACES: Readonly<Record<Verdict, { readonly word: string; readonly tone: string; readonly icon: IconName }>> = {
  authorized: { word: 'Authorized', tone: 'pass', icon: 'pass' },
  authentic: { word: 'Authentic', tone: 'pass', icon: 'pass' },
  refused: { word: 'Refused', tone: 'warn', icon: 'refused' },
  incomplete: { word: 'Incomplete', tone: 'warn', icon: 'incomplete' },
  invalid: { word: 'Invalid', tone: 'fail', icon: 'fail' },
};

/** The answer: a shape, a word and one sentence. `slim` is for a place inside of another section. */
export function verdictView(report: Report, { slim = false } = {}): HTMLElement {
  const { word, tone, icon: shape } = FACES[report.verdict];
  return element(
    'div',
    { class: `verdict ${tone}${slim ? ' slim' : ''}`, 'data-verdict': report.verdict },
    icon(shape),
    element(
      'div',
      {},
      element(slim ? 'h3' : 'h2', {}, word),
      element('p', {}, ...sentence(report)),
      element('p', { class: 'note' }, ...remark(report)),
    ),
  );
}

function sentence({ verdict, checks, approval, foreign, summary }: Report): Child[] {
  // What its format can't prove is part of the answer.
  if (foreign !== undefined && (verdict === 'authentic' || verdict === 'refused')) return [said(summary)];
  const what =
    approval === undefined ? 'the action' : quoted(approval.display ?? `${approval.action} on ${approval.connector}`);
  const failure = checks.find(({ status }) => status === 'fail');
  switch (verdict) {
    case 'authorized':
      return [what, ' was approved by people who may approve it. Every check passed.'];
    case 'authentic':
      if (approval === undefined)
        return ['The log holds this exactly as it was signed. It is no approval, and permits nothing.'];
      return [what, ' was approved, and the log holds that decision exactly as it was signed.'];
    case 'refused':
      return approval !== undefined && approval.decision !== 'approved'
        ? [
            what,
            approval.decision === 'rejected' ? ' was rejected' : ' was left to expire',
            '. The log holds that decision, and it authorizes nothing.',
          ]
        : ['The decision is genuine, but it must not be acted upon', ...because(failure)];
    case 'incomplete':
      return failure === undefined
        ? ['Nothing was found wrong, but not everything could be checked', ...because(missing(checks))]
        : ['Not everything could be checked, and one check failed', ...because(failure)];
    case 'invalid':
      return ['Do not rely on this receipt. It does not prove what it says', ...because(failure)];
  }
}

/** The reader who stops after the verdict must not take it for more than it is. */
function remark({ verdict, checks, approval }: Report): Child[] {
  const unmade = checks.filter(({ status }) => status === 'skip').length;
  if (verdict === 'authentic' && approval !== undefined) {
    return [
      `${checks.length - unmade} checks passed and ${unmade} were not made: whether the signers may approve this, and whether it may still be used, is not judged here.`,
    ];
  }
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const counts = [
    `${checks.length - unmade - failed} checks passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unmade > 0 ? [`${unmade} could not be made`] : []),
  ];
  return [`${counts.join(', ')}.`];
}

function because(check: Check | undefined): Child[] {
  return check === undefined ? ['.'] : [': ', said(check.detail.replace(/\.$/, '')), '.'];
}

function missing(checks: readonly Check[]): Check | undefined {
  return checks.find(({ status }) => status === 'skip');
}

function quoted(text: string): HTMLElement {
  return element('strong', {}, '“', said(text), '”');
}
