/**
 * What the pages say about a receipt. The sentence for a failure code is the verifier's (`@assent/verifier/words`). Plain words come
 * first; what they rest on is in terms.ts, for those who ask.
 */
import type { CheckId, Verdict } from '@assent/verifier';
import * as TERMS from './terms.ts';

/** `pending` is an `incomplete` that only waits for witnesses. */
export type Face = Verdict | 'pending';

/** The word, and what to do: the reader who stops here must not take it for more than it is. */
export const FACES: Readonly<Record<Face, { readonly word: string; readonly means: string }>> = {
  authorized: { word: 'Authorized', means: 'All that you asked for passed. It may be acted upon.' },
  authentic: { word: 'Authentic', means: 'A genuine record, to keep as evidence. No permission to act.' },
  pending: { word: 'Pending', means: 'Genuine so far. Ask for it again a little later: it may bring their word.' },
  incomplete: { word: 'Incomplete', means: 'Neither proven nor disproven. Something is missing.' },
  refused: { word: 'Refused', means: 'A genuine record, and no permission to act.' },
  invalid: { word: 'Invalid', means: 'Do not rely on it, and ask who gave it to you.' },
};

/** The same where the log's key is nobody's word but the log's own. */
export const ON_ITS_WORD: Partial<Readonly<Record<Face, string>>> = {
  authorized: 'All that you asked for passed, if the log’s key is the right one: only the log itself says so.',
  authentic: 'Genuine if the log’s key is the right one: only the log itself says so. No permission to act.',
  refused: 'No permission to act, whether or not the log’s key is the right one.',
};
/** Of what is no approval nobody asks whether it permits anything. */
export const RECORD = 'A genuine record, to keep as evidence.';
/** Of an `incomplete` that lacks nothing but what was decided. */
export const SEALED = {
  proven: 'That it is in the log is proven; what was decided is not, as it is not disclosed here.',
  onItsWord:
    'It is in the log if the log’s key is the right one. What was decided is not disclosed here, and not proven.',
};
/** Of an `invalid` that another key would make good. */
export const OTHER_KEY = 'Do not rely on it until you know which key is the right one.';

/** The answer in one sentence, piece by piece: what was decided, by whom and when stands between. */
export const SENTENCE = {
  logged: ', and the log holds that decision exactly as it was signed',
  loggedNone: ', and the log holds that exactly as it was signed',
  witness: ['independent witness', 'independent witnesses'],
  ownWitness: ['witness that the log names', 'witnesses that the log names'],
  seen: ' saw it there',
  authorizesNothing: ' It authorizes nothing.',
  mustNot: '. It must not be acted upon: ',
  besides: '; ',
  on: ' on ',
  was: ' was ',
  leftToExpire: ' was left to expire without an answer',
  closedEarly: ' was said to have gone unanswered before its time was up,',
  by: ' by ',
  and: ' and ',
  with: ' with ',
  /** Where nobody signed whom the list of approvers counts; without a list nobody knows which service. */
  serviceSays: ', as a service says,',
  saidBy: ', as the service says, by ',
  andSaidBy: ' and, as the service says, by ',
  a: 'a ',
  passkey: 'passkey',
  key: 'key',
  moreArguments: ' more',
  claims: 'The receipt says that ',
  sealed: 'The log holds this entry. What was decided is sealed: ask for the receipt that opens it.',
  otherAction: 'The action in this file is not the one that was signed.',
  otherKey: 'It is not signed with the log key that it was checked with.',
  tooFew: 'Not enough independent witnesses have seen it yet.',
  noReceipt: 'This is no receipt, or not all of one.',
  otherRules: 'This was approved under other rules than those that you pinned.',
  replacedKey: 'It is signed with a key that this log has replaced since, and that you have not pinned.',
  wasUsed: ' and was used on ',
  loggedBoth: '. The log holds both exactly as they were signed.',
  usedBy: 'A system that calls itself “',
  used: '” says that it used an approval',
  statement: '. The log holds that statement exactly as it was signed.',
  named: 'A list of who may approve was put on record',
  version: ': version\u00a0',
  ofList: ' of one that calls itself “',
  listed: '”. The log holds only a fingerprint of the names.',
  noApproval: 'The log holds this exactly as it was signed. It is no approval.',
  record: 'A record of another system in the form ',
  says: ' says that ',
  something: 'something',
  recorded: '. The log holds it exactly as it was signed.',
  noDecision: ' It says of no decision.',
  limitsBelow: ' What it cannot prove stands below.',
  of: ' of ',
  passed: ' checks passed',
  failed: ' failed',
  unmade: ' not made',
  notYet: ' not yet',
  onItsWord: ' on the log’s word',
  notChecked: ' Not checked: ',
  trust: 'Say what you trust',
  asOf: ' Judged as of ',
} as const;

export const STATUS = {
  pass: 'Passed',
  fail: 'Failed',
  skip: 'Not checked',
  /** As another check failed, on which it rests. */
  unmade: 'Not made',
  /** Passed, and there was nothing to look at. */
  noWitnesses: 'None required',
  noLimit: 'Not limited',
  no_quorum: 'On the log’s word',
  used: 'Used',
  /** It was looked at, and witnesses are still missing. */
  notYet: 'Not yet',
} as const;

/** Of a group of checks. */
export const CHECK = { of: ' of ', passed: ' passed' } as const;

/** How an answer says that a check was not made. */
export const UNMADE: Readonly<Partial<Record<CheckId, string>>> = {
  inclusion: 'whether it is in the log',
  checkpoint: 'whether the log signed it',
  witnesses: 'whether enough witnesses saw it',
  content: 'what was decided',
  signatures: 'whether the signatures fit',
  intent: 'whether it is the action that you are about to run',
  trust: 'whose keys signed',
  revocation: 'whether a key was stolen',
  policy: 'whether enough people approved',
  window: 'whether it can still be used',
  use: 'whether it was used already',
};
/** In the place of its title where it failed: what is so, and no more is denied than was found. */
export const FAILED_TITLES: Readonly<Record<CheckId, string>> = {
  receipt: 'This is not a well-formed receipt',
  entry: 'The entry is not well formed',
  inclusion: 'The entry is not in the tree',
  checkpoint: 'The log’s good signature is missing',
  witnesses: 'It is not shown that enough witnesses saw this tree head',
  content: 'What was decided is not intact',
  signatures: 'Not every signature verifies',
  intent: 'It approves something else than your action',
  trust: 'It is not shown that the signers may approve',
  revocation: 'It is not shown that no key was revoked',
  policy: 'The policy is not satisfied',
  window: 'It does not count at this time',
  use: 'It is not shown that it was not used before',
};
/** The same by the code, of a check whose title claims two things. */
export const FAILED_WINDOW = {
  expired: 'It has expired',
  not_yet_valid: 'It was not valid yet',
  attested_out_of_window: 'Somebody was authenticated at another time',
} as const;
/** Of the check `use`, where the log knows of the use. */
export const USED = 'It was used';
/** By themselves, as what is fetched on demand says them too. */
export const BY_SYSTEM = ' by a system that calls itself “';
export const USED_UNPROVEN = 'It says that it was used. That is not proven.';

export const TIMELINE = {
  title: 'When it happened',
  asked: 'Asked',
  between: 'At some time before it was logged. A signature carries no time.',
  tooEarly: 'Said before the time to answer was up: that is on ',
  logged: 'Logged',
  witnessed: 'Witnessed',
  notWitnessed: 'Not witnessed',
  noWitness: 'No witnesses are asked for.',
  notYetWitnessed: 'Not yet witnessed',
  noWitnessYet: 'Too few have confirmed it.',
  used: 'Used',
  notUsed: 'Not used',
  useUnknown: 'Use unknown',
  unused: 'This log knows of no use.',
  notHere: 'Not in this receipt.',
  expires: 'Expires',
  expired: 'Expired',
  now: 'Now',
} as const;

export const DECIDED = { approved: 'Approved', rejected: 'Rejected', expired: 'Nobody answered' } as const;
export const CLOCKS = {
  service: 'by the clock of the service that asked',
  log: 'by the log’s clock',
  witnesses: 'at the latest, by the witnesses’ clocks',
  you: 'by your clock',
} as const;

/** What was decided, by whom and where it stands. */
export const FACTS = {
  unproven: 'Not proven: the receipt claims this.',
  shown: 'Text that was shown',
  shownSaid: 'Text that was shown, as the service says',
  decision: 'Decision',
  action: 'Action',
  connector: 'Target system',
  arguments: 'Arguments',
  undisclosed: 'Not in this receipt: only their digest is public.',
  requester: 'Requested by, as the service says',
  rule: 'Rule',
  use: 'May be used',
  service: 'Service / id',
  place: 'Place',
  unprovenTag: 'not proven',
  signedBy: 'Signed by',
  key: 'A key',
  passkey: 'A passkey',
  verified: 'the device checked a finger, a face or a PIN',
  present: 'the device noticed a touch and no more',
  listed: 'as your list of approvers says',
  whose: 'Only a list of approvers can say ',
  digests: 'Digests and the signed tree head',
  statementDigest: 'Statement digest',
  intentDigest: 'Intent digest',
  sealed: 'Commitment to the content',
  leaf: 'Leaf hash',
  root: 'Root hash',
  checkpoint: 'Tree head, as it was signed',
  format: 'Format',
  itsDecision: 'Decision, as it says',
  noDecision: 'no decision',
  digest: 'Digest',
  cannotProve: 'cannot prove',
  boundary: 'Used by, as it says',
  approval: 'Approval',
  attempt: 'Attempt',
  at: 'When, by that system’s clock',
  name: 'Organization, as it says',
  version: 'Version',
  issued: 'Issued',
  expires: 'Valid until',
  threshold: 'Keys in charge',
  of: ' of ',
  toSign: ' must sign',
  atOrigin: ', at ',
  entry: 'entry ',
  tree: ', in a log of\u00a0',
} as const;

export const HEADINGS = {
  approved: 'What was approved',
  rejected: 'What was rejected',
  expired: 'What nobody decided in time',
  closedEarly: 'What was closed without an answer',
  claimed: 'What it says',
  consumption: 'What was used',
  trustRoot: 'A list of approvers',
  sealed: 'A sealed entry',
} as const;
export const USES = { single: 'once', multiple: 'more than once' } as const;
/** Of evidence of other systems. */
export const AS_IT_SAYS = {
  action: 'Action, as it says',
  who: 'Who, as it says',
  method: 'Method, as it says',
  when: 'When, as it says',
  until: 'Valid until, as it says',
  id: 'Its own id',
  payload_type: 'Payload type',
} as const;

export const RESULT = {
  several: 'What you gave:',
  receipts: 'receipts',
  copyReport: 'Copy the report (JSON)',
  copyLink: 'Copy a link that carries it',
  download: 'Save the receipt',
  checks: 'Every check',
  path: 'Where it stands in the log',
  evidence: 'The evidence, field by field',
  notLoaded: 'This part of the page could not be loaded. If it fails again, load the page again.',
  tryAgain: 'Try again',
  genuine: 'Is it genuine?',
  enough: 'Is it enough to act upon?',
  signers: 'Who signed?',
  otherLog: 'It says that it is from the log ',
  otherPin: '. If you know its key, pin it.',
  otherKey: 'If you know another key of that log, pin it too.',
  retired: 'It names a key that this log says it used until ',
  retiredPin: '. If you know that key from elsewhere, pin it too.',
  checkedAt: 'Checked',
  logKey: 'The log’s key',
  approvers: 'List of approvers',
  witnesses: 'Witnesses',
  rules: 'Rules',
  compared: 'Compared with',
  ofVersion: ', version ',
} as const;

/** Explained where they stand, to those who ask. */
export const WHAT_IS = 'What is a';
export const TIMELINE_TERMS = { witness: TERMS.witness };
export const CHECK_TERMS = {
  'log key': TERMS.logKey,
  'tree head': TERMS.treeHead,
  witness: TERMS.witness,
  passkey: TERMS.passkey,
};
