import {
  type ApprovalFacts,
  canonicalJson,
  type ForeignFacts,
  type Json,
  type LogFacts,
  type Report,
  type SignerFacts,
  type VerifiedApprovalFacts,
} from '@assent/verifier';
import { type Child, digest, element, facts, said } from './dom.ts';
import { timeView } from './times.ts';

type Rows = readonly (readonly [Child, Child] | undefined)[];

const ALGORITHMS: Readonly<Record<SignerFacts['algorithm'], string>> = {
  es256: 'ES256',
  ed25519: 'Ed25519',
  rs256: 'RS256',
  'ml-dsa-44': 'ML-DSA-44',
};
const HEADINGS = {
  approved: 'What was approved',
  rejected: 'What was rejected',
  expired: 'What nobody decided in time',
} as const;

/** What was decided, by whom, when and where it stands. What no check has confirmed is marked as a claim. */
export function approvalView(report: Report): HTMLElement[] {
  const { approval, foreign, unverified_approval: claimed, unverified_log: claimedLog } = report;
  const parts = foreign ? foreignParts(foreign) : approval ? verifiedParts(approval) : claimParts(claimed);
  const place = placeFacts(approval ?? claimed, report);
  if (parts.length === 0 && claimedLog === undefined) return [];
  return [
    element(
      'section',
      { class: 'card' },
      element('h2', {}, approval === undefined ? 'What it says' : HEADINGS[approval.decision]),
      ...parts,
      element('h3', {}, 'When and where'),
      place,
      technicalView(report),
    ),
  ];
}

function verifiedParts(approval: VerifiedApprovalFacts): HTMLElement[] {
  const { display, intent, decision } = approval;
  const args: Rows =
    intent === undefined
      ? [['Arguments', undisclosed(approval.intent_digest)]]
      : Object.entries(intent.args).map(([name, value]) => [argumentName(name), argumentValue(value)]);
  return [
    facts('facts wide', [
      display === undefined ? undefined : ['Text that was shown', element('strong', {}, said(display))],
      ['Decision', element('span', { class: `tag ${decision === 'approved' ? 'pass' : 'warn'}` }, decision)],
      ...actionRows(approval),
      ...args,
      ['Requested by', said(approval.requester)],
    ]),
    signersView(approval.signers),
  ];
}

/** In the words of its own system, and with what that system cannot prove. */
function foreignParts(foreign: ForeignFacts): HTMLElement[] {
  const { format, decision, cannot_prove: limits, signers } = foreign;
  const row = (label: string, value: string | undefined) =>
    value === undefined ? undefined : ([label, said(value)] as const);
  const mark = decision === 'rejected' ? 'warn' : decision === 'approved' ? 'pass' : '';
  return [
    facts('facts wide', [
      ['Format', said(format)],
      ['Decision', element('span', { class: `tag ${mark}` }, decision === 'none' ? 'no decision' : decision)],
      row('Action', foreign.action),
      row('Who, as it says', foreign.who),
      row('Method, as it says', foreign.method),
      row('When, as it says', foreign.when),
      row('Valid until, as it says', foreign.until),
      row('Its own id', foreign.id),
      row('Payload type', foreign.payload_type),
      ['Digest', digest(foreign.digest)],
    ]),
    element(
      'div',
      { class: 'message warn' },
      element('p', {}, `${format} cannot prove`),
      element('ul', {}, ...limits.map((limit) => element('li', {}, said(limit)))),
    ),
    signersView(signers),
  ];
}

/** Of an action that did not match its digest nothing is shown here: it is just what a forger would want read. */
function claimParts(claimed: ApprovalFacts | undefined): HTMLElement[] {
  if (claimed === undefined) return [];
  return [
    element(
      'p',
      { class: 'message warn' },
      'Not proven. The receipt claims this; the checks below say why it cannot be relied upon.',
    ),
    facts('facts wide', [
      ['Decision', element('span', { class: 'tag' }, claimed.decision)],
      ...actionRows(claimed),
      ['Requested by', said(claimed.requester)],
    ]),
  ];
}

function actionRows({ action, connector }: ApprovalFacts): Rows {
  return [
    ['Action', said(action)],
    ['Target system', said(connector)],
  ];
}

/** In a type of its own: whoever chose the arguments' names could name one "Requested by". */
function argumentName(name: string): HTMLElement {
  return element('code', {}, said(name));
}

function argumentValue(value: Json): HTMLElement {
  return said(typeof value === 'string' ? value : canonicalJson(value));
}

function undisclosed(intentDigest: string): HTMLElement {
  const words = 'Not in this receipt. Only their digest is public; whoever holds them can disclose them. ';
  return element('span', { class: 'soft' }, words, digest(intentDigest));
}

function signersView(signers: readonly SignerFacts[]): HTMLElement {
  return element(
    'div',
    { class: 'signers' },
    element('h3', {}, signers.length === 1 ? 'Signed by' : `Signed by ${signers.length} keys`),
    ...signers.map((signer) =>
      element('div', { class: 'signer' }, element('p', {}, ...signerWords(signer)), digest(signer.keyid)),
    ),
    element(
      'p',
      { class: 'note' },
      'A receipt proves which keys signed. Whose keys they are is for the list of approvers to say.',
    ),
  );
}

function signerWords({ kind, algorithm, origin, user_verified: verified }: SignerFacts): Child[] {
  if (kind === 'key') return [element('strong', {}, 'A key'), ` (${ALGORITHMS[algorithm]})`];
  const person =
    verified === true ? 'the device verified who was there' : 'the device noticed only that someone was there';
  const where = origin === undefined ? [] : [', at ', said(origin)];
  return [element('strong', {}, 'A passkey'), ` (${ALGORITHMS[algorithm]}), `, person, ...where];
}

function placeFacts(approval: ApprovalFacts | undefined, report: Report): HTMLElement {
  const log = report.log ?? report.unverified_log;
  const doubt = report.log === undefined;
  return facts('facts wide', [
    approval && ['Asked', timeView(approval.issued_at)],
    log?.logged_at === undefined
      ? undefined
      : ['Logged', element('span', {}, timeView(log.logged_at), soft(', by the log’s clock '), doubt && notProven())],
    approval && ['Valid until', timeView(approval.expires_at)],
    log && [
      'Place',
      element(
        'span',
        {},
        `entry ${log.index} of `,
        said(log.origin),
        `, in a tree of ${log.size} `,
        doubt && notProven(),
      ),
    ],
    approval && ['Service / id', said(`${approval.service}/${approval.id}`)],
  ]);
}

function notProven(): HTMLElement {
  return element('span', { class: 'tag warn' }, 'not proven');
}

function soft(text: string): HTMLElement {
  return element('span', { class: 'soft' }, text);
}

function technicalView({ approval, unverified_approval, log, unverified_log }: Report): HTMLElement {
  const decision = approval ?? unverified_approval;
  const head: LogFacts | undefined = log ?? unverified_log;
  return element(
    'details',
    { class: 'more' },
    element('summary', {}, 'Digests and the signed tree head'),
    facts('facts well', [
      decision && ['Statement digest', digest(decision.statement_digest)],
      decision && ['Intent digest', digest(decision.intent_digest)],
      head?.sealed === undefined ? undefined : ['Commitment, in the place of the content', digest(head.sealed)],
      head && ['Leaf hash', digest(head.leaf_hash)],
      head && ['Root hash', digest(head.root)],
      head && ['Checkpoint, as it was signed', element('pre', { class: 'mono said' }, said(head.checkpoint))],
    ]),
  );
}
