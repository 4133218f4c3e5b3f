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
  authorized: { word: 'Authorized', means: 'All that was asked for passed. It may be acted upon.' },
  authentic: { word: 'Authentic', means: 'A genuine record, to keep as evidence. No permission to act.' },
  pending: { word: 'Pending', means: 'Genuine so far. Get it again when the witnesses have seen it.' },
  incomplete: { word: 'Incomplete', means: 'Neither proven nor disproven. Something is missing.' },
  refused: { word: 'Refused', means: 'A genuine record, but no permission.' },
  invalid: { word: 'Invalid', means: 'Do not rely on it, and ask who gave it to you.' },
};

/** The answer in one sentence, piece by piece: what was decided, by whom and when stands between. */
export const SENTENCE = {
  logged: ', and the log holds that decision exactly as it was signed.',
  authorizesNothing: ' It authorizes nothing.',
  mustNot: '. It must not be acted upon: ',
  besides: '; ',
  on: ' on ',
  was: ' was ',
  leftToExpire: ' was left to expire without an answer',
  by: ' by ',
  and: ' and ',
  with: ' with ',
  a: 'a ',
  passkey: 'passkey',
  key: 'key',
  moreArguments: ' more',
  claimed: ', as the receipt says',
  otherAction: 'The action in this file is not the one that was signed.',
  wasUsed: ' and was used on ',
  bySystem: ' by a system that calls itself “',
  loggedBoth: '. The log holds both exactly as they were signed.',
  used: 'A system says that it used an approval',
  named: 'A list of who may approve was put on record',
  version: ': version ',
  ofList: ', which calls itself “',
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
  notChecked: ' Not checked: ',
  asOf: ' Judged as of ',
} as const;

export const STATUS = {
  pass: 'Passed',
  fail: 'Failed',
  skip: 'Not checked',
  /** Passed, and there was nothing to look at. */
  noWitnesses: 'None required',
  noLimit: 'Not limited',
  no_quorum: 'On the log’s word',
  used: 'It was used',
} as const;

/** In each check. */
export const CHECK = {
  of: ' of ',
  passed: ' passed',
  expected: 'Expected',
  computed: 'Computed',
  code: 'Code',
  proves: 'Proves',
  wouldProve: 'Would prove',
  leaves: 'Leaves open',
} as const;

/** What each check proves, what it leaves open, and how an answer says that it was not made. */
export const CHECKS: Readonly<
  Record<CheckId, { readonly proves: string; readonly leaves: string; readonly unmade?: string }>
> = {
  receipt: {
    proves: 'The file is a complete receipt.',
    leaves: 'What it says.',
  },
  entry: {
    proves: 'The record can be read in one way only.',
    leaves: 'That it was logged.',
  },
  inclusion: {
    proves: 'Hashed upward, the entry leads to the root in the tree head.',
    leaves: 'That the tree head is the log’s.',
    unmade: 'whether it is in the log',
  },
  checkpoint: {
    proves: 'The holder of the log’s key signed this tree head.',
    leaves: 'That it showed the same to everybody.',
    unmade: 'whether the log signed it',
  },
  witnesses: {
    proves: 'Enough of the witnesses saw the same log, at that time.',
    leaves: 'That it is no older.',
    unmade: 'whether enough witnesses saw it',
  },
  content: {
    proves: 'What is shown here is what was signed.',
    leaves: 'That the screen showed it.',
    unmade: 'what was decided',
  },
  signatures: {
    proves: 'Each key signed exactly this decision. With a passkey: somebody was there, at that website.',
    leaves: 'Whose keys they are.',
    unmade: 'whether the signatures fit',
  },
  intent: {
    proves: 'The action that you are about to run is the approved one.',
    leaves: 'That it is then run so.',
    unmade: 'whether it is the action that you are about to run',
  },
  trust: {
    proves: 'Your organization lists the keys, and they were valid at the time.',
    leaves: 'That the device was in its owner’s hands.',
    unmade: 'whose keys signed',
  },
  revocation: {
    proves: 'No key was reported stolen, as far as your newest list knows.',
    leaves: 'That there is no newer list.',
    unmade: 'whether a key was stolen',
  },
  policy: {
    proves: 'Enough people approved, as your rules ask for.',
    leaves: 'That the rules are wise.',
    unmade: 'whether enough people approved',
  },
  window: {
    proves: 'It was logged in time, and has not expired at the time that you ask about.',
    leaves: 'That your clock is right.',
    unmade: 'whether it can still be used',
  },
  use: {
    proves: 'An approval for one use was not used before.',
    leaves: 'That what was run had its effect.',
    unmade: 'whether it was used already',
  },
};

export const TIMELINE = {
  title: 'When it happened',
  asked: 'Asked',
  between: 'In between: a signature has no time.',
  confirmed: 'Confirmed',
  logged: 'Logged',
  witnessed: 'Witnessed',
  noWitness: 'No witnesses are asked for.',
  noWitnessYet: 'Too few have confirmed it yet.',
  used: 'Used',
  usedProven: 'The proof of its use holds.',
  usedUnproven: 'It says that it was used. That is not proven.',
  unused: 'This log knows of no use.',
  useUnknown: 'Not in this receipt.',
  expires: 'Expires',
  expired: 'Expired',
  now: 'Now',
} as const;

export const DECIDED = { approved: 'Approved', rejected: 'Rejected', expired: 'Nobody answered' } as const;
export const CLOCKS = {
  service: 'by the clock of the service that asked',
  log: 'by the log’s clock',
  witnesses: 'by the witnesses’ clocks',
  you: 'by your clock',
} as const;

export const PATH = {
  title: 'Where it stands in the log',
  lead: 'The entry is hashed, then with its neighbour, and so on up to the root in the tree head.',
  entry: 'The entry, as the log stores it',
  try: 'Change one character: it is computed as you type.',
  spoil: 'Change one for me',
  restore: 'Put it back',
  holds: 'It leads to the root in the receipt.',
  breaks: 'It leads to another root.',
  tooLong: 'This entry is too long to be edited here.',
  unreadable: 'The proof cannot be read.',
  list: 'The same as a list',
  leaf: 'entry',
  root: 'root',
  signed: 'root in the receipt',
  computed: 'computed root',
  beside: 'beside it, from the receipt',
  own: 'computed here',
  changed: 'changed',
  leaves: 'entries',
  steps: 'steps',
} as const;

/** Every part of a receipt and what it is for, member by member; one that stands in several documents means the same in all. */
export const EVIDENCE = {
  title: 'The evidence, field by field',
  lead: 'As it stands in the receipt. The checks judge it.',
  statement: ['The decision that was signed', 'These exact bytes were signed.'],
  signature: ['Signature', 'Made with a key.', 'Made with a passkey.'],
  clientData: 'What the browser wrote down (clientDataJSON)',
  authenticator: 'What the device says (authenticatorData)',
  entry: ['The entry in the log', 'These bytes are hashed into the tree.'],
  proof: ['The proof that it is in the log', 'The hashes beside its way up to the root, nearest first.'],
  note: ['The signed tree head', 'Lines that were signed, then the signatures.'],
  disclosed: ['What its holder disclosed', 'Not in the log: its digests were signed.'],
  carried: ['What it brings along', 'Confers nothing: what you pin decides.'],
  matches: 'ends in the digest of this decision',
  differs: 'does not hold the digest of this decision',
  hash: 'Hash',
  yes: 'yes',
  no: 'no',
  lines: ['log', 'size', 'root hash'],
  byLog: 'in the log’s name',
  byOther: 'in another name',
  unreadable: 'This part cannot be read.',
} as const;

/** Members of documents by their names. */
export const MEMBERS: Readonly<Record<string, string>> = {
  service: 'Who asked for the approval.',
  intent: 'The action: its digest, or its arguments with a salt.',
  expires_at: 'From then on it permits nothing.',
  'root hash': 'It stands for the whole log.',
  nonce: 'Random: an old answer fits no new question.',
  challenge: 'The nonce, then the digest: this is what was approved.',
  origin: 'The website on which the person was.',
  crossOrigin: 'Whether it was shown inside of another one.',
  rpIdHash: 'Digest of the domain that the passkey belongs to.',
  UP: 'Whether somebody was there and touched it.',
  UV: 'Whether the device checked who: finger, face or PIN.',
  BE: 'Whether the passkey may be copied to other devices.',
  BS: 'Whether it is backed up.',
  logged_at: 'When the log took it in: milliseconds since 1970.',
};

/** What was decided, by whom and where it stands. */
export const FACTS = {
  unproven: 'Not proven: the receipt claims this.',
  shown: 'Text that was shown',
  decision: 'Decision',
  action: 'Action',
  connector: 'Target system',
  arguments: 'Arguments',
  undisclosed: 'Not in this receipt: only their digest is public.',
  requester: 'Requested by, as the service says',
  attested: 'Authenticated, as the service says',
  rule: 'Rule',
  use: 'May be used',
  service: 'Service / id',
  place: 'Place',
  unprovenTag: 'not proven',
  signedBy: 'Signed by',
  key: 'A key',
  passkey: 'A passkey',
  verified: 'the device verified who was there',
  present: 'the device noticed only that someone was there',
  listed: 'as your list of approvers says',
  whose: 'A list of approvers says whose keys these are.',
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
  name: 'Organization',
  version: 'Version',
  issued: 'Issued',
  expires: 'Valid until',
  threshold: 'Keys in charge',
  of: ' of ',
  toSign: ' must sign',
  atOrigin: ', at ',
  entry: 'entry ',
  tree: ', in a tree of ',
} as const;

export const HEADINGS = {
  approved: 'What was approved',
  rejected: 'What was rejected',
  expired: 'What nobody decided in time',
  claimed: 'What it says',
  consumption: 'What was used',
  trustRoot: 'A list of approvers, as it says',
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
  copyLink: 'Copy a link that carries it',
  download: 'Save the receipt',
  checks: 'Every check',
  genuine: 'Is it genuine?',
  enough: 'Is it enough to act upon?',
  otherLog: 'It says that it is from the log ',
  otherPin: '. If you know its key, pin it.',
  otherKey: 'The key that you pinned did not sign it. If you know another, pin it too.',
  retired: ' It names one that this log says it used until ',
  checkedAt: 'Checked',
} as const;

/** Explained where they stand, to those who ask. */
export const WHAT_IS = 'What is a';
export const TIMELINE_TERMS = { witness: TERMS.witness };
export const CHECK_TERMS = { 'log key': TERMS.logKey, passkey: TERMS.passkey };
export const PATH_TERMS = { hash: TERMS.hash, 'tree head': TERMS.treeHead, log: TERMS.log };
