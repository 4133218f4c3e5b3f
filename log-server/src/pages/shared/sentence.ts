/**
 * The answer in one sentence that a person understands: out of the text that was shown, where its digest matches, else of the
 * action and its arguments; with names out of the trust root that the reader pinned, and from nowhere else.
 */
import {
  type ApprovalFacts,
  type Check,
  type CountedApprovalFacts,
  canonicalJson,
  EVIDENCE_CHECK_IDS,
  type Json,
  type Report,
  type VerifiedApprovalFacts,
} from '@assent/verifier';
import { PERSON_WORDS } from '@assent/verifier/words';
import { CHECKS, type Face, SENTENCE } from '../../words/receipts.ts';
import { type Child, element, saidInBrief } from './dom.ts';
import type { Use } from './timeline-view.ts';
import { dayOf } from './times.ts';

/** Of the text that was shown: what is longer stands in full below. */
const MAX_SUBJECT = 300;
const MAX_ARGUMENTS = 4;
const MAX_ARGUMENT = 60;
const MAX_NAME = 80;
/** These say that the check is of no use here, rather than that somebody could make it. */
const NOTHING_TO_CHECK: ReadonlySet<string | undefined> = new Set([
  'premise_failed',
  'not_an_approval',
  'foreign_payload',
]);

export function faceOf({ verdict, checks }: Report): Face {
  const waits = checks.some(({ code }) => code === 'quorum_not_reached');
  const failed = checks.some(({ status }) => status === 'fail');
  const [unmade, ...others] = checks.filter((check) => isEvidence(check) && check.status === 'skip');
  return verdict === 'incomplete' && waits && !failed && unmade?.id === 'witnesses' && others.length === 0
    ? 'pending'
    : verdict;
}

/** @param use what is known of the use of an approval for one use */
export function sentence(report: Report, use?: Use): Child[] {
  const { verdict, checks, approval } = report;
  const failure = checks.find(({ status }) => status === 'fail');
  if (verdict === 'invalid') return [PERSON_WORDS[failure?.code ?? 'premise_failed']];
  if (verdict === 'incomplete') {
    const unmade = checks.find((check) => isEvidence(check) && check.status === 'skip');
    const why = PERSON_WORDS[(failure ?? unmade)?.code ?? 'premise_failed'];
    return approval === undefined ? [why] : [...decided(approval, report), '. ', why];
  }
  if (approval === undefined) return otherKind(report);
  const logged = [...decided(approval, report), SENTENCE.logged];
  if (verdict !== 'refused' && use?.kind === 'used') {
    return [...logged, SENTENCE.usedNow + dayOf(use.at) + SENTENCE.by, saidInBrief(use.boundary, MAX_NAME), '.'];
  }
  if (verdict !== 'refused') return logged;
  return approval.decision !== 'approved'
    ? [...logged, SENTENCE.authorizesNothing]
    : [...decided(approval, report), SENTENCE.mustNot, lowered(failure)];
}

/** Which checks were made, and which not: in words, so that "authentic" is not taken for "allowed". */
export function remark({ checks }: Report, use?: Use): string {
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const unmade = checks.filter(
    ({ id, status, code }) =>
      status === 'skip' && !NOTHING_TO_CHECK.has(code) && !(id === 'use' && use?.kind === 'used'),
  );
  const open =
    unmade.length === 0
      ? ''
      : `${SENTENCE.notChecked}${unmade.map(({ id, title }) => CHECKS[id].unmade ?? `“${title}”`).join(', ')}.`;
  const failed = count('fail') > 0 ? `, ${count('fail')}${SENTENCE.failed}` : '';
  return `${count('pass')}${SENTENCE.of}${checks.length}${SENTENCE.passed}${failed}.${open}`;
}

function isEvidence({ id }: Check): boolean {
  return EVIDENCE_CHECK_IDS.includes(id);
}

/** “Refund 42.00 USD” was approved by alice (finance) on 3 April 2026 */
function decided(approval: VerifiedApprovalFacts, { log, unverified_log }: Report): Child[] {
  const day = (log ?? unverified_log)?.logged_at;
  const when = day === undefined ? [] : [SENTENCE.on + dayOf(day)];
  if (approval.decision === 'expired') return [...subjectOf(approval), SENTENCE.leftToExpire, ...when];
  return [...subjectOf(approval), SENTENCE.was + approval.decision, ...signedBy(approval), ...when];
}

/** What it was about. */
export function subjectOf(approval: ApprovalFacts & Pick<VerifiedApprovalFacts, 'display' | 'intent'>): Child[] {
  const { display, intent, action, connector } = approval;
  if (display !== undefined) return [strong('“', saidInBrief(display, MAX_SUBJECT), '”')];
  const what = [strong(saidInBrief(action, MAX_NAME)), SENTENCE.on, strong(saidInBrief(connector, MAX_NAME))];
  const all = Object.entries(intent?.args ?? {});
  if (all.length === 0) return what;
  const more =
    all.length > MAX_ARGUMENTS ? `,${SENTENCE.and}${all.length - MAX_ARGUMENTS}${SENTENCE.moreArguments}` : '';
  const shown = all
    .slice(0, MAX_ARGUMENTS)
    .flatMap(([name, value], index): Child[] => [
      index === 0 ? '' : ', ',
      saidInBrief(name, MAX_ARGUMENT),
      ' ',
      saidInBrief(argumentText(value), MAX_ARGUMENT),
    ]);
  return [...what, ' (', ...shown, `${more})`];
}

export function argumentText(value: Json): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

function signedBy({ approvals, signers }: VerifiedApprovalFacts): Child[] {
  if (approvals !== undefined && approvals.length > 0) return [SENTENCE.by, ...names(approvals)];
  const passkeys = signers.filter(({ kind }) => kind === 'passkey').length;
  const keys = signers.length - passkeys;
  const parts = [counted(passkeys, SENTENCE.passkey), counted(keys, SENTENCE.key)].filter((part) => part !== '');
  return [SENTENCE.with + parts.join(SENTENCE.and)];
}

/** `a passkey`, `2 passkeys`, and nothing of none. */
function counted(number: number, what: string): string {
  return number === 0 ? '' : number === 1 ? SENTENCE.a + what : `${number} ${what}s`;
}

function names(approvals: readonly CountedApprovalFacts[]): Child[] {
  return approvals.flatMap(({ holder, roles }, index): Child[] => [
    index === 0 ? '' : index === approvals.length - 1 ? SENTENCE.and : ', ',
    strong(saidInBrief(holder, MAX_NAME)),
    roles.length === 0 ? '' : ' (',
    roles.length === 0 ? '' : saidInBrief(roles.join(', '), MAX_NAME),
    roles.length === 0 ? '' : ')',
  ]);
}

/** A consumption, a trust root, evidence of another system. */
function otherKind({ verdict, consumption, trust_root: root, foreign, log }: Report): Child[] {
  const when = log?.logged_at === undefined ? '' : SENTENCE.on + dayOf(log.logged_at);
  if (consumption !== undefined) return [SENTENCE.used + when + SENTENCE.usedUp];
  if (root !== undefined) {
    return [
      SENTENCE.named + when + SENTENCE.version + root.version + SENTENCE.ofList,
      saidInBrief(root.name, MAX_NAME),
      SENTENCE.listed,
    ];
  }
  if (foreign === undefined) return [SENTENCE.noApproval];
  const what = foreign.action === undefined ? SENTENCE.this : strong(saidInBrief(foreign.action, MAX_SUBJECT));
  if (foreign.decision === 'none') return [SENTENCE.record + foreign.format + SENTENCE.noDecision];
  return [
    what,
    SENTENCE.was + foreign.decision + SENTENCE.asRecord + foreign.format + SENTENCE.recorded,
    verdict === 'refused' ? SENTENCE.authorizesNothing : SENTENCE.limitsBelow,
  ];
}

function lowered(failure: Check | undefined): string {
  const words = PERSON_WORDS[failure?.code ?? 'premise_failed'];
  return words.charAt(0).toLowerCase() + words.slice(1);
}

function strong(...children: readonly Child[]): HTMLElement {
  return element('strong', {}, ...children);
}
