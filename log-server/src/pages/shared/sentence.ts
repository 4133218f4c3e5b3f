/**
 * The answer in one sentence that a person understands: out of the text that was shown, where its digest matches, else of the
 * action and its arguments; with names out of the trust root that the reader pinned, and from nowhere else.
 */
import {
  type ApprovalFacts,
  CHECK_TITLES,
  type Check,
  type CheckId,
  type CountedApprovalFacts,
  canonicalJson,
  EVIDENCE_CHECK_IDS,
  type FailureCode,
  type Json,
  type Report,
  type VerifiedApprovalFacts,
} from '@assent/verifier';
import { PERSON_WORDS } from '@assent/verifier/words';
import { isAttested, isReportedWord } from '../../http/pages/services-word.ts';
import { count } from '../../words/counts.ts';
import { BY_SYSTEM, type Face, SENTENCE, UNMADE } from '../../words/receipts.ts';
import { type Child, element, saidInBrief } from './dom.ts';
import type { Use } from './timeline-view.ts';
import { dayOf } from './times.ts';

/** Of the text that was shown: what is longer stands in full below. */
const MAX_SUBJECT = 300;
const MAX_ARGUMENTS = 4;
const MAX_ARGUMENT = 60;
const MAX_NAME = 80;
/** These say that the check is of no use here, rather than that somebody could make it. */
const NO_SUCH_CHECK: ReadonlySet<string | undefined> = new Set(['not_an_approval', 'foreign_payload']);
/** Of what was not approved nobody asks whether it may still be acted upon. */
const TO_ACT: ReadonlySet<CheckId> = new Set(['intent', 'policy', 'window', 'use']);
/** A file of which this is all that can be said is another one, rather than one that was changed. */
const NO_RECEIPT: ReadonlySet<string | undefined> = new Set([
  'json_syntax',
  'wrong_type',
  'missing_member',
  'unknown_member',
]);

export function faceOf({ verdict, checks }: Report): Face {
  const waits = checks.some(({ code }) => code === 'quorum_not_reached');
  const failed = checks.some(({ status }) => status === 'fail');
  const [unmade, ...others] = checks.filter((check) => isEvidence(check) && check.status === 'skip');
  return verdict === 'incomplete' && waits && !failed && unmade?.id === 'witnesses' && others.length === 0
    ? 'pending'
    : verdict;
}

/**
 * @param known `use`, proven, is part of the answer: whoever reads no further must not take what was used for still good;
 * `ownWitnesses` where nobody but the log says which witnesses count; `why` where the page knows more than the checks do: what is missing, or why the key of the log does not count
 */
export function sentence(
  report: Report,
  {
    use,
    why,
    ownWitnesses,
  }: { readonly use: Use | undefined; readonly why: string | undefined; readonly ownWitnesses: boolean },
): Child[] {
  const { verdict, checks, approval } = report;
  const failure = checks.find(({ status }) => status === 'fail');
  if (verdict === 'invalid') {
    const isOther = failure?.id === 'receipt' && NO_RECEIPT.has(failure.code) && report.unverified_log === undefined;
    return [
      isOther ? SENTENCE.noReceipt : needsOtherKey(report) ? (why ?? personWords(failure)) : personWords(failure),
    ];
  }
  if (verdict === 'incomplete') {
    const unmade = checks.find((check) => isEvidence(check) && check.status === 'skip');
    const reason = why ?? personWords(failure ?? unmade);
    if (approval === undefined) return [report.log?.sealed === undefined ? reason : SENTENCE.sealed];
    // Who signed is one question, and whether the log has it another, to which its day belongs.
    const claimed = faceOf(report) === 'pending' ? [] : [SENTENCE.claims];
    return [...claimed, ...decided(approval, report, use), '. ', reason];
  }
  if (approval === undefined) return otherKind(report);
  const decision = decided(approval, report, use);
  const witnesses = report.log?.witnesses.length ?? 0;
  const [one, more] = ownWitnesses ? SENTENCE.ownWitness : SENTENCE.witness;
  const seen = witnesses === 0 ? '' : `,${SENTENCE.and}${count(witnesses, one, more)}${SENTENCE.seen}`;
  const logged = `${approval.decision === 'expired' ? SENTENCE.loggedNone : SENTENCE.logged}${seen}.`;
  if (verdict !== 'refused') return [...decision, use?.kind === 'used' ? SENTENCE.loggedBoth : logged];
  return approval.decision !== 'approved'
    ? [...decision, logged, SENTENCE.authorizesNothing]
    : [...decision, SENTENCE.mustNot, reasons(checks)];
}

/** What the code of a check means; what a receipt discloses is compared with what was signed, and not with what is about to run. */
export function personWords({ id, code = 'premise_failed' }: Partial<Check> = {}): string {
  if (id === 'content' && code === 'intent_mismatch') return SENTENCE.otherAction;
  // The log may have signed it with a key that it has replaced; and this very file never gets more witnesses.
  if (code === 'log_signature_missing') return SENTENCE.otherKey;
  if (code === 'policy_not_accepted') return SENTENCE.otherRules;
  return code === 'quorum_not_reached' ? SENTENCE.tooFew : PERSON_WORDS[code];
}

/** Why its tree head is none of a log that is trusted. */
export function checkpointCode({ checks }: Report): FailureCode | undefined {
  return checks.find(({ id }) => id === 'checkpoint')?.code;
}

/** All that is wrong with it is the key of the log: with another one it may well be good. */
export function needsOtherKey(report: Report): boolean {
  const failed = report.checks.filter(({ status }) => status === 'fail');
  return failed.length === 1 && ['log_signature_missing', 'origin_mismatch'].includes(checkpointCode(report) ?? '');
}

/** Which checks were made, and which not: in words, so that "authentic" is not taken for "allowed". */
export function remark(report: Report, use?: Use, ownWitnesses = false): string {
  const possible = report.checks.filter((check) => !isPointless(check, report, use) && !isEmpty(check));
  const having = (wanted: Check['status']) => possible.filter(({ status }) => status === wanted);
  const failed = having('fail').length;
  const waiting = possible.filter(tooFewWitnesses).length;
  // What could not be made because another check failed is counted; what was not asked for is named.
  const open = having('skip').filter((check) => !tooFewWitnesses(check) && !isUnmade(check, report));
  const others = having('skip').length - waiting - open.length;
  const onItsWord = having('pass').filter((check) => isOnItsWord(check, ownWitnesses)).length;
  const unmade = open.map(({ id, title }) => UNMADE[id] ?? title).join(', ');
  return (
    having('pass').length -
    onItsWord +
    SENTENCE.of +
    possible.length +
    SENTENCE.passed +
    (onItsWord > 0 ? `, ${onItsWord}${SENTENCE.onItsWord}` : '') +
    (failed > 0 ? `, ${failed}${SENTENCE.failed}` : '') +
    (others > 0 ? `, ${others}${SENTENCE.unmade}` : '') +
    (waiting > 0 ? `, ${waiting}${SENTENCE.notYet}` : '') +
    (unmade === '' ? '.' : `.${SENTENCE.notChecked}${unmade}.`)
  );
}

/** It passed on the log's word alone: also where nobody else says which witnesses count. */
export function isOnItsWord({ id, status, code }: Check, ownWitnesses: boolean): boolean {
  return status === 'pass' && (code === 'no_quorum' || (id === 'witnesses' && ownWitnesses));
}

/** Nobody asks for it here, so it is neither counted nor listed. */
export function isPointless({ id, status, code }: Check, { approval }: Report, use?: Use): boolean {
  return (
    NO_SUCH_CHECK.has(code) ||
    // That a request expired before it was said to have is no failure.
    ((status !== 'fail' || code === 'expired') &&
      approval !== undefined &&
      approval.decision !== 'approved' &&
      TO_ACT.has(id)) ||
    (status !== 'fail' && use?.kind === 'used' && (id === 'use' || id === 'window'))
  );
}

/** It passed, under another title, as there was nothing to look at: no witness was asked for, or no limit is set. */
export function isEmpty({ id, status, title }: Check): boolean {
  return status === 'pass' && title !== CHECK_TITLES[id];
}

/** It rests on another check, which failed. */
export function isUnmade({ code }: Check, { checks }: Report): boolean {
  return code === 'premise_failed' && checks.some(({ status }) => status === 'fail');
}

/** It was checked, and more witnesses may still see it: neither passed, nor left out. */
export function tooFewWitnesses({ id, code }: Check): boolean {
  return id === 'witnesses' && code === 'quorum_not_reached';
}

function isEvidence({ id }: Check): boolean {
  return EVIDENCE_CHECK_IDS.includes(id);
}

/** “Refund 42.00 USD” was approved by alice (finance) on 3 April 2026 */
function decided(approval: VerifiedApprovalFacts, { log, unverified_log }: Report, use: Use | undefined): Child[] {
  const day = (log ?? unverified_log)?.logged_at;
  const when = day === undefined ? [] : [SENTENCE.on + dayOf(day)];
  if (approval.decision === 'expired') {
    const how = isClosedEarly(approval, day) ? SENTENCE.closedEarly : SENTENCE.leftToExpire;
    return [...subjectOf(approval), how, ...when];
  }
  return [...subjectOf(approval), SENTENCE.was + approval.decision, ...decidedBy(approval), ...when, ...used(use)];
}

/** Somebody said that nobody answered before the time to answer was up. @param logged RFC 3339 */
export function isClosedEarly({ decision, expires_at }: ApprovalFacts, logged: string | undefined): boolean {
  return decision === 'expired' && logged !== undefined && Date.parse(logged) < Date.parse(expires_at);
}

/** and was used on 3 April 2026 by a system that calls itself “payments-gw-3” */
function used(use: Use | undefined): Child[] {
  if (use?.kind !== 'used') return [];
  return [SENTENCE.wasUsed + dayOf(use.at) + BY_SYSTEM, saidInBrief(use.boundary, MAX_NAME), '”'];
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

/** Who signed nothing is never named as one who did. */
function decidedBy(approval: VerifiedApprovalFacts): Child[] {
  const { approvals = [], signers } = approval;
  const people = approvals.filter((counted) => !isAttested(counted));
  const said = approvals.filter(isAttested);
  if (people.length > 0) {
    return [SENTENCE.by, ...names(people), ...(said.length > 0 ? [SENTENCE.andSaidBy, ...names(said)] : [])];
  }
  if (said.length > 0) return [SENTENCE.saidBy, ...names(said)];
  if (isReportedWord(approval)) return [SENTENCE.serviceSays];
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
  if (consumption !== undefined)
    return [SENTENCE.usedBy, saidInBrief(consumption.boundary, MAX_NAME), SENTENCE.used + when + SENTENCE.statement];
  if (root !== undefined) {
    return [
      SENTENCE.named + when + SENTENCE.version + root.version + SENTENCE.ofList,
      saidInBrief(root.name, MAX_NAME),
      SENTENCE.listed,
    ];
  }
  if (foreign === undefined) return [SENTENCE.noApproval];
  const { format, action, decision } = foreign;
  const what = action === undefined ? SENTENCE.something : strong('“', saidInBrief(action, MAX_SUBJECT), '”');
  return [
    SENTENCE.record + format,
    ...(decision === 'none' ? [] : [SENTENCE.says, what, SENTENCE.was + decision]),
    SENTENCE.recorded,
    decision === 'none' && SENTENCE.noDecision,
    verdict === 'refused' ? SENTENCE.authorizesNothing : SENTENCE.limitsBelow,
  ];
}

/** All of them, as the end of a sentence. */
function reasons(checks: readonly Check[]): string {
  const failed = checks.filter(({ status }) => status === 'fail').map(personWords);
  return `${failed.map((words) => words.charAt(0).toLowerCase() + words.slice(1, -1)).join(SENTENCE.besides)}.`;
}

function strong(...children: readonly Child[]): HTMLElement {
  return element('strong', {}, ...children);
}
