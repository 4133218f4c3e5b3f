import {
  type ApprovalFacts,
  canonicalJson,
  type Json,
  type LogFacts,
  type Report,
  type SignerFacts,
  type VerifiedApprovalFacts,
} from '@assent/verifier';
import { type Child, digest, element, facts, said } from './dom.ts';
import { timeView } from './times.ts';

const ALGORITHMS: Readonly<Record<SignerFacts['algorithm'], string>> = {
  es256: 'ES256',
  ed25519: 'Ed25519',
  rs256: 'RS256',
};
const HEADINGS = {
  approved: 'What was approved',
  rejected: 'What was rejected',
  expired: 'What nobody decided in time',
} as const;

/** What was decided, by whom, when and where it stands. What no check has confirmed is marked as a claim. */
export function approvalView({
  approval,
  unverified_approval: claimed,
  log,
  unverified_log: claimedLog,
}: Report): HTMLElement[] {
  const where = log ?? claimedLog;
  if (approval !== undefined) {
    return [
      card(HEADINGS[approval.decision], [
        actionFacts(approval, approval),
        signerList(approval.signers),
        placeFacts(approval, log, where),
      ]),
      technical(approval, where),
    ];
  }
  if (claimed === undefined && where === undefined) return [];
  return [
    card('What it says', [
      element(
        'p',
        { class: 'message warn' },
        'Not proven. This is what the receipt claims; the checks below say why it cannot be relied upon.',
      ),
      claimed && actionFacts(claimed, undefined),
      placeFacts(claimed, log, where),
    ]),
    technical(claimed, where),
  ];
}

function card(title: string, children: readonly Child[]): HTMLElement {
  return element('section', { class: 'card' }, element('h2', {}, title), ...children);
}

function actionFacts(approval: ApprovalFacts, verified: VerifiedApprovalFacts | undefined): HTMLElement {
  const args = verified?.intent?.args;
  return facts('facts wide', [
    verified?.display === undefined
      ? undefined
      : ['Text that was shown', element('strong', {}, said(verified.display))],
    ['Decision', decisionTag(approval.decision)],
    ['Action', said(approval.action)],
    ['Target system', said(approval.connector)],
    ...(args === undefined
      ? ([['Arguments', undisclosed(approval.intent_digest)]] as const)
      : Object.entries(args).map(([name, value]): readonly [Child, Child] => [
          argumentName(name),
          argumentValue(value),
        ])),
    ['Requested by', said(approval.requester)],
  ]);
}

function decisionTag(decision: ApprovalFacts['decision']): HTMLElement {
  const tone = { approved: 'pass', rejected: 'warn', expired: 'warn' }[decision];
  return element('span', { class: `tag ${tone}` }, decision);
}

/** In a type of its own: whoever chose the arguments' names could name one "Requested by". */
function argumentName(name: string): HTMLElement {
  return element('code', {}, said(name));
}

function argumentValue(value: Json): HTMLElement {
  return said(typeof value === 'string' ? value : canonicalJson(value));
}

function undisclosed(intentDigest: string): HTMLElement {
  return element(
    'span',
    { class: 'soft' },
    'Not in this receipt. Their digest is public, they are not: who holds them can disclose them. ',
    digest(intentDigest),
  );
}

function signerList(signers: readonly SignerFacts[]): HTMLElement {
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
      'A receipt proves which keys signed. Whose keys they are, their owner’s list of approvers has to say.',
    ),
  );
}

function signerWords({ kind, algorithm, origin, user_verified: verified }: SignerFacts): Child[] {
  if (kind === 'key') return [element('strong', {}, 'A key'), ` (${ALGORITHMS[algorithm]})`];
  const person =
    verified === true ? 'the device checked who was there' : 'the device checked only that someone was there';
  return [
    element('strong', {}, 'A passkey'),
    ` (${ALGORITHMS[algorithm]}), `,
    person,
    ...(origin === undefined ? [] : [', at ', said(origin)]),
  ];
}

function placeFacts(
  approval: ApprovalFacts | undefined,
  verifiedLog: LogFacts | undefined,
  log: LogFacts | undefined,
): HTMLElement {
  return facts('facts wide', [
    approval && ['Asked', timeView(approval.issued_at)],
    log?.logged_at === undefined
      ? undefined
      : [
          'Logged',
          element('span', {}, timeView(log.logged_at), element('span', { class: 'soft' }, ', by the log’s clock')),
        ],
    approval && ['Valid until', timeView(approval.expires_at)],
    log && [
      'Place',
      element(
        'span',
        {},
        `entry ${log.index} of `,
        said(log.origin),
        `, in a tree of ${log.size}`,
        verifiedLog === undefined && ' (claimed)',
      ),
    ],
    approval && ['Service / id', said(`${approval.service}/${approval.id}`)],
  ]);
}

function technical(approval: ApprovalFacts | undefined, log: LogFacts | undefined): HTMLElement {
  return element(
    'details',
    { class: 'more' },
    element('summary', {}, 'Digests and the signed tree head'),
    element(
      'div',
      { class: 'card quiet' },
      facts('facts', [
        approval && ['Statement digest', digest(approval.statement_digest)],
        approval && ['Intent digest', digest(approval.intent_digest)],
        log && ['Leaf hash', digest(log.leaf_hash)],
        log && ['Root hash', digest(log.root)],
        log && ['Checkpoint, as it was signed', element('pre', { class: 'text' }, said(log.checkpoint))],
      ]),
    ),
  );
}
