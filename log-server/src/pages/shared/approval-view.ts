import type {
  ApprovalFacts,
  Attestation,
  ConsumptionFacts,
  ForeignFacts,
  Report,
  SignerFacts,
  TrustRootFacts,
  VerifiedApprovalFacts,
} from '@assent/verifier';
import { isReportedWord } from '../../http/pages/services-word.ts';
import { TEXT } from '../../words/common.ts';
import {
  ALGORITHMS,
  ATTESTATION,
  ATTESTED,
  CLOSED_EARLY,
  DECISION_SAID,
  DECISIONS,
  whoseKeys,
} from '../../words/names.ts';
import { AS_IT_SAYS, FACTS, HEADINGS, USES } from '../../words/receipts.ts';
import { type Child, digest, element, facts, more, note, said, tag, warning } from './dom.ts';
import { argumentText, isClosedEarly } from './sentence.ts';
import { timeView } from './times.ts';

type Rows = readonly (readonly [Child, Child] | undefined)[];

/** More arguments or people than anybody reads are still in the evidence. */
const MAX_LISTED = 40;

/** What was decided, by whom and where it stands. What no check has confirmed is marked as a claim. */
export function approvalView(report: Report): HTMLElement[] {
  const parts = partsOf(report);
  if (parts.length === 0) return [];
  return [
    element('section', { class: 'card what' }, element('h2', {}, headingOf(report)), ...parts, digestsView(report)),
  ];
}

function headingOf({ approval, consumption, trust_root: root, log }: Report): string {
  if (log === undefined) return HEADINGS.claimed;
  if (approval !== undefined) {
    if (isReportedWord(approval)) return HEADINGS.claimed;
    return isClosedEarly(approval, log.logged_at) ? HEADINGS.closedEarly : HEADINGS[approval.decision];
  }
  if (consumption !== undefined) return HEADINGS.consumption;
  if (root !== undefined) return HEADINGS.trustRoot;
  return log.sealed === undefined ? HEADINGS.claimed : HEADINGS.sealed;
}

function partsOf(report: Report): HTMLElement[] {
  const { approval, consumption, trust_root: root, foreign, log, unverified_approval: claimed } = report;
  const place = placeRows(approval ?? claimed, report);
  const rows = (...all: Rows) => facts('facts wide', all);
  if (consumption !== undefined) return [rows(...consumptionRows(consumption), ...place)];
  if (root !== undefined) return [rows(...trustRootRows(root), ...place)];
  if (approval !== undefined) return [...verifiedParts(approval, log?.logged_at), rows(...place)];
  if (foreign !== undefined) return [...foreignParts(foreign), rows(...place)];
  if (claimed !== undefined) return [warning(FACTS.unproven), rows(...claimRows(claimed), ...place)];
  return place.every((row) => row === undefined) ? [] : [rows(...place)];
}

function verifiedParts(approval: VerifiedApprovalFacts, logged: string | undefined): HTMLElement[] {
  const isLogged = logged !== undefined;
  const { display, intent, decision } = approval;
  const isWord = isReportedWord(approval);
  const tone = isLogged && !isWord ? (decision === 'approved' ? 'pass' : 'warn') : '';
  return [
    ...(isLogged ? [] : [warning(FACTS.unproven)]),
    facts('facts wide', [
      display === undefined
        ? undefined
        : [isWord ? FACTS.shownSaid : FACTS.shown, element('strong', {}, said(display))],
      [
        isWord ? DECISION_SAID : FACTS.decision,
        tag(tone, isClosedEarly(approval, logged) ? CLOSED_EARLY : DECISIONS[decision]),
      ],
      ...actionRows(approval),
      ...(intent === undefined
        ? [[FACTS.arguments, undisclosed(approval.intent_digest)] as const]
        : argumentRows(intent.args)),
      ...askedRows(approval),
    ]),
    signersView(approval.signers),
  ];
}

function argumentRows(args: NonNullable<VerifiedApprovalFacts['intent']>['args']): Rows {
  const all = Object.entries(args);
  // In a type of its own: whoever chose the arguments' names could name one "Requested by".
  const rows = all
    .slice(0, MAX_LISTED)
    .map(([name, value]) => [element('code', {}, said(name)), said(argumentText(value))] as const);
  return all.length > MAX_LISTED ? [...rows, ['…', all.length - MAX_LISTED + TEXT.moreRows]] : rows;
}

/** In the words of its own system, and with what that system cannot prove. */
function foreignParts(foreign: ForeignFacts): HTMLElement[] {
  const { format, decision, cannot_prove: limits, signers } = foreign;
  const own = Object.entries(AS_IT_SAYS) as [keyof typeof AS_IT_SAYS, string][];
  return [
    facts('facts wide', [
      [FACTS.format, said(format)],
      [FACTS.itsDecision, tag('', decision === 'none' ? FACTS.noDecision : decision)],
      ...own.map(([member, label]) => {
        const value = foreign[member];
        const shown = member === 'when' || member === 'until' ? timeView : said;
        return value === undefined ? undefined : ([label, shown(value)] as const);
      }),
      [FACTS.digest, digest(foreign.digest)],
    ]),
    element(
      'div',
      { class: 'message warn' },
      element('p', {}, `${format} ${FACTS.cannotProve}`),
      element('ul', {}, ...limits.map((limit) => element('li', {}, said(limit)))),
    ),
    signersView(signers),
  ];
}

/** Of an action that did not match its digest nothing is shown here: it is just what a forger would want read. */
function claimRows(claimed: ApprovalFacts): Rows {
  return [[FACTS.decision, tag('', claimed.decision)], ...actionRows(claimed), ...askedRows(claimed)];
}

function consumptionRows({ boundary, approval, intent, attempt, at }: ConsumptionFacts): Rows {
  return [
    [FACTS.boundary, said(boundary)],
    [FACTS.approval, digest(approval)],
    [FACTS.intentDigest, digest(intent)],
    [FACTS.attempt, digest(attempt)],
    [FACTS.at, timeView(at)],
  ];
}

function trustRootRows({ name, version, issued_at, expires_at, root, digest: own }: TrustRootFacts): Rows {
  return [
    [FACTS.name, said(name)],
    [FACTS.version, String(version)],
    [FACTS.issued, timeView(issued_at)],
    [FACTS.expires, timeView(expires_at)],
    [FACTS.threshold, root.threshold + FACTS.of + root.keys.length + FACTS.toSign],
    [FACTS.digest, digest(own)],
  ];
}

function actionRows({ action, connector }: ApprovalFacts): Rows {
  return [
    [FACTS.action, said(action)],
    [FACTS.connector, said(connector)],
  ];
}

function askedRows({ requester, attested, policy, use, decision }: ApprovalFacts): Rows {
  return [
    [FACTS.requester, said(requester)],
    attested && [ATTESTED[decision], attestedView(attested)],
    policy && [FACTS.rule, said(policy.rule)],
    decision === 'approved' ? [FACTS.use, USES[use]] : undefined,
  ];
}

/** One a line, as on the entry's page. */
function attestedView(people: readonly Attestation[]): HTMLElement {
  const { as, with: means, methods, at: on } = ATTESTATION;
  const left = people.length - MAX_LISTED;
  return element(
    'ul',
    { class: 'plain-list' },
    ...people
      .slice(0, MAX_LISTED)
      .map(({ approver, role, method, at }) =>
        element('li', {}, said(approver), as, said(role), means + methods[method] + on, timeView(at)),
      ),
    left > 0 && element('li', {}, `… ${left}${TEXT.moreRows}`),
  );
}

function undisclosed(intentDigest: string): HTMLElement {
  return element('span', { class: 'soft' }, FACTS.undisclosed, ' ', digest(intentDigest));
}

function signersView(signers: readonly SignerFacts[]): HTMLElement {
  const isNamed = signers.some(({ listed }) => listed !== undefined);
  return element(
    'div',
    { class: 'signers' },
    element('h3', {}, FACTS.signedBy),
    ...signers.map((signer) =>
      element('div', { class: 'signer' }, element('p', {}, ...signerWords(signer)), digest(signer.keyid)),
    ),
    !isNamed && note(`${FACTS.whose}${whoseKeys(signers.length)}.`),
  );
}

function signerWords(signer: SignerFacts): Child[] {
  const { kind, algorithm, origin, user_verified: verified, listed } = signer;
  const person = `, ${verified === true ? FACTS.verified : FACTS.present}`;
  const where = origin === undefined ? [] : [FACTS.atOrigin, said(origin)];
  return [
    ...(listed === undefined ? [] : listedWords(listed)),
    element(listed === undefined ? 'strong' : 'span', {}, kind === 'key' ? FACTS.key : FACTS.passkey),
    ` (${ALGORITHMS[algorithm]})`,
    ...(kind === 'key' ? [] : [person, ...where]),
  ];
}

function listedWords(listed: NonNullable<SignerFacts['listed']>): Child[] {
  const [name, what] = listed.as === 'approver' ? [listed.holder, listed.roles.join(', ')] : [listed.name, listed.as];
  return [element('strong', {}, said(name)), ' (', said(what), `), ${FACTS.listed}. `];
}

function placeRows(approval: ApprovalFacts | undefined, report: Report): Rows {
  const log = report.log ?? report.unverified_log;
  const doubt = report.log === undefined && tag('warn', FACTS.unprovenTag);
  return [
    // Of what is sealed and was not opened nothing else is known.
    approval === undefined && log?.sealed !== undefined ? [FACTS.sealed, digest(log.sealed)] : undefined,
    log && [
      FACTS.place,
      element('span', {}, FACTS.entry + log.index + FACTS.of, said(log.origin), `${FACTS.tree}${log.size} `, doubt),
    ],
    approval && [FACTS.service, said(`${approval.service}/${approval.id}`)],
  ];
}

function digestsView(report: Report): HTMLElement {
  const head = report.log ?? report.unverified_log;
  return more(
    FACTS.digests,
    facts('facts well', [
      ...digestRows(report),
      head && [FACTS.checkpoint, element('pre', { class: 'mono said' }, said(head.checkpoint))],
    ]),
  );
}

/** What it can be looked up by. */
export function digestRows({ approval, unverified_approval, log, unverified_log }: Report): Rows {
  const decision = approval ?? unverified_approval;
  const head = log ?? unverified_log;
  return [
    decision && [FACTS.statementDigest, digest(decision.statement_digest)],
    decision && [FACTS.intentDigest, digest(decision.intent_digest)],
    head?.sealed === undefined ? undefined : [FACTS.sealed, digest(head.sealed)],
    head && [FACTS.leaf, digest(head.leaf_hash)],
    head && [FACTS.root, digest(head.root)],
  ];
}
