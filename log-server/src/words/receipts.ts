/**
 * What the pages say about a receipt. The sentence for a failure code is the verifier's (`@assent/verifier/words`). Plain words come
 * first; what they rest on is in terms.ts, for those who ask.
 */
import type { CheckId, Verdict } from '@assent/verifier';

/** `pending` is an `incomplete` that only waits for witnesses. */
export type Face = Verdict | 'pending';

/** The word, and what to do: the reader who stops here must not take it for more than it is. */
export const FACES: Readonly<Record<Face, { readonly word: string; readonly means: string }>> = {
  authorized: { word: 'Authorized', means: 'Every check passed. It may be acted upon.' },
  authentic: { word: 'Authentic', means: 'A genuine record, to keep as evidence. It is no permission to act.' },
  pending: { word: 'Pending', means: 'Genuine so far. Wait for the witnesses, then check again.' },
  incomplete: { word: 'Incomplete', means: 'Neither proven nor disproven. Something is missing.' },
  refused: { word: 'Refused', means: 'A genuine record, and it must not be acted upon.' },
  invalid: { word: 'Invalid', means: 'Do not rely on it, and ask who gave it to you.' },
};

export const STATUS = { pass: 'Passed', fail: 'Failed', skip: 'Not checked', no_quorum: 'None required' } as const;

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
    proves: 'Hashed upward, the entry leads to exactly the root in the tree head.',
    leaves: 'That the tree head is the log’s.',
  },
  checkpoint: {
    proves: 'The log that you trust signed this tree head.',
    leaves: 'That it showed the same to everybody.',
  },
  witnesses: {
    proves: 'As many witnesses as you ask for saw the same log, at that time.',
    leaves: 'That it is no older.',
  },
  content: {
    proves: 'What is shown here is what was signed.',
    leaves: 'That the screen showed it.',
  },
  signatures: {
    proves: 'Each key signed exactly this decision. With a passkey: somebody was there, at the website that it names.',
    leaves: 'Whose keys they are.',
  },
  intent: {
    proves: 'The action that you are about to run is the approved one.',
    leaves: 'That it is then run so.',
    unmade: 'whether it is the action that you are about to run',
  },
  trust: {
    proves: 'The keys belong to people whom your organization lists, and were valid at the time.',
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
  between: 'Between asking and logging: a signature carries no time of its own.',
  confirmed: 'Confirmed',
  logged: 'Logged',
  witnessed: 'Witnessed',
  noWitness: 'No witnesses are asked for.',
  noWitnessYet: 'Too few witnesses have confirmed it yet.',
  used: 'Used',
  usedUnproven: 'The receipt says that it was used. That is not proven.',
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
  lead: 'The entry is hashed, then with its neighbour, level by level, up to the one root that the log signed.',
  entry: 'The entry, as the log stores it',
  try: 'Change one character: it is computed as you type.',
  spoil: 'Change one for me',
  restore: 'Put it back',
  holds: 'It leads to the signed root.',
  breaks: 'It leads to another root. This entry is not in the log.',
  tooLong: 'This entry is too long to be edited here.',
  unreadable: 'The proof cannot be read.',
  list: 'The same as a list',
  leaf: 'entry',
  root: 'root',
  signed: 'signed root',
  computed: 'computed root',
  beside: 'beside it, from the receipt',
  own: 'computed here',
  changed: 'changed',
} as const;

/** Every part of a receipt and what it is for, member by member; one that stands in several documents means the same in all. */
export const EVIDENCE = {
  title: 'The evidence, field by field',
  lead: 'As it stands in the receipt. The checks say what of it holds up.',
  statement: ['The decision that was signed', 'These exact bytes were signed. Their digest names the approval.'],
  signature: ['Signature', 'Made with a key.', 'Made with a passkey.'],
  clientData: 'What the browser wrote down (clientDataJSON)',
  authenticator: 'What the device says (authenticatorData)',
  entry: ['The entry in the log', 'These bytes are hashed into the tree.'],
  proof: ['The proof that it is in the log', 'The hashes beside its way up to the root, nearest first.'],
  note: ['The signed tree head', 'Three lines that the log signed, then the signatures.'],
  disclosed: ['What its holder disclosed', 'Not in the log. It counts because its digests were signed.'],
  carried: ['What it brings along', 'Confers nothing: what you pin yourself decides.'],
  matches: 'ends in the digest of this decision',
  differs: 'does not hold the digest of this decision',
  hash: 'Hash',
  yes: 'yes',
  no: 'no',
  byLog: 'by the log',
  byOther: 'by somebody else',
  unreadable: 'This part cannot be read.',
} as const;

/** Members of documents by their names. */
export const MEMBERS: Readonly<Record<string, string>> = {
  log: 'The one log in which it counts.',
  service: 'Who asked for the approval.',
  id: 'The service’s name for the request.',
  organization: 'Digest of the trust root that it is for.',
  intent: 'The action: its digest, or its arguments with a salt.',
  policy: 'The rules under which it was asked for.',
  display: 'The text that was shown, or its digest.',
  expires_at: 'From then on it permits nothing.',
  boundaries: 'Keys of the systems that may run it.',
  attested: 'People whom the service says it authenticated.',
  attempt: 'Random: this one attempt, and no other.',
  previous: 'Digest of the version before.',
  root: 'Who is in charge, or the hash of the whole log.',
  members: 'Digest of the list of people and keys.',
  nonce: 'Random: an old answer fits no new question.',
  challenge: 'The nonce, then the digest: this is what was approved.',
  origin: 'The website on which the person was.',
  crossOrigin: 'Whether it was shown inside of another one.',
  rpIdHash: 'Digest of the domain that the passkey belongs to.',
  UP: 'Somebody was there and touched it.',
  UV: 'The device checked who: finger, face or PIN.',
  BE: 'The passkey may be copied to other devices.',
  BS: 'It has been copied.',
  logged_at: 'When the log took it in: milliseconds since 1970.',
  sealed: 'Digest of the signed decision, which is not public.',
  reveal: 'The action, in public.',
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
  otherKey: 'Another key signed it than you pinned. If you know it as that log’s, pin it too.',
  passkey: 'A passkey',
  verified: 'the device verified who was there',
  present: 'the device noticed only that someone was there',
  listed: 'so your trust root lists this key',
  whose: 'Whose keys these are is for a trust root to say.',
  digests: 'Digests and the signed tree head',
  statementDigest: 'Statement digest',
  intentDigest: 'Intent digest',
  sealed: 'Commitment, in the place of the content',
  leaf: 'Leaf hash',
  root: 'Root hash',
  checkpoint: 'Tree head, as it was signed',
  format: 'Format',
  noDecision: 'no decision',
  digest: 'Digest',
  cannotProve: 'cannot prove',
  boundary: 'Used by',
  approval: 'Approval',
  attempt: 'Attempt',
  at: 'When, by that system’s clock',
  name: 'Organization',
  version: 'Version',
  issued: 'Issued',
  expires: 'Valid until',
  threshold: 'Keys in charge',
} as const;

export const HEADINGS = {
  approved: 'What was approved',
  rejected: 'What was rejected',
  expired: 'What nobody decided in time',
  claimed: 'What it says',
  consumption: 'What was used',
  trustRoot: 'Who may approve',
} as const;
export const USES = { single: 'once', multiple: 'more than once' } as const;
/** Of evidence of other systems. */
export const AS_IT_SAYS = {
  action: 'Action',
  who: 'Who, as it says',
  method: 'Method, as it says',
  when: 'When, as it says',
  until: 'Valid until, as it says',
  id: 'Its own id',
  payload_type: 'Payload type',
} as const;

/** The page /verify: asking, and what stands around the answer. */
export const ASK = {
  empty: 'Paste a receipt, or an entry number, a digest, or service/id.',
  unclear: 'This is no receipt, entry number, digest (64 characters 0-9 a-f) or service/id.',
  badLink: 'This link is damaged.',
  otherLog: 'This link leads to another log. Drop the receipt here.',
  noEntry: 'This link names no entry.',
  badFragment: 'The receipt in this link is damaged.',
  tooLarge: 'This file is far larger than any receipt.',
  tooMany: 'At most 100 receipts at a time.',
  unreachable: 'The log cannot be reached.',
  silent: 'The log did not answer.',
  pasted: 'the receipt that you pasted',
  linked: 'the receipt in the link',
  served: 'as this log hands it out',
} as const;

export const RESULT = {
  several: 'What you gave',
  copyReport: 'Copy as JSON',
  copyLink: 'Copy a link that carries it',
  download: 'Save the receipt',
  print: 'Print',
  checks: 'Every check',
  genuine: 'Is it genuine?',
  enough: 'Is it enough to act upon?',
  otherLog: 'It says that it is from the log ',
  otherPin: '. If you know its key, pin it.',
  otherKey: 'Another key signed it than you pinned. If you know it as that log’s, pin it too.',
  retired: ' This log says it used that key until ',
  checkedAt: 'Checked',
} as const;

/** In a saved copy alone. */
export const SAVED = {
  lookup: 'A saved copy asks nobody. Drop the receipt here.',
  example: 'an example',
  exampleWarning: 'An example: its keys are public.',
  madeWith: 'Made in this page, with the log key of the example.',
  code: 'A code on the paper that opens the entry',
  aboutCode:
    'This copy knows no address. Type the one of the log, as its operator gave it to you: what you print then has a code that leads there.',
  address: 'Address of the log',
  useAddress: 'Make the code',
  hasCode: 'The code is on what you print.',
  noAddress: 'This is no address of a website (https://…).',
  noKey: 'A saved copy asks no log. Pin the key of the one that your receipts are from.',
} as const;

/** Whose word the key of the log is. */
export const MADE_WITH = {
  served: 'Made in this page, with the log key that this log serves for itself.',
  retired: 'Made in this page, with a key that this log says it used then, and uses no more. A new receipt is safer.',
  pinned: 'Made in this page, with the log key that you pinned.',
  none: 'Made in this page, without a log key.',
} as const;

/** For those who are about to act on an approval. */
export const ACT = {
  title: 'Are you about to act on it?',
  about:
    'Then it must not have expired, and be the action that your system is about to run: paste that one, not the receipt’s.',
  label: 'The action, as JSON (assent/intent/v1)',
  go: 'Judge it as of now',
  stop: 'Judge it as evidence again',
  judged: 'Judged as of ',
} as const;

export const PIN_STATES = { pinned: 'Pinned', served: 'The log’s word', none: 'None' } as const;
export const PIN_KINDS = {
  logKey: {
    title: 'Log key',
    about: 'Whose signature makes a log. Get it some other way than from the log itself.',
    label: 'Log keys (origin+hash+key), one a line',
  },
  logPolicy: {
    title: 'Witnesses',
    about: 'Which witnesses have to have seen it, and how many: a C2SP tlog-policy.',
    label: 'Log policy (lines of log, witness, group and quorum)',
  },
  trustRoot: {
    title: 'Trust root',
    about: 'Who may approve. Without it, keys have no names.',
    label: 'Root id (sha256:…), or the versions as JSON',
  },
  approvalPolicy: {
    title: 'Approval policy',
    about: 'Who has to approve what. Without it, nobody counts the approvals.',
    label: 'Approval policy (assent/policy/v1), as JSON',
  },
} as const;

export const PINS = {
  title: 'What you trust',
  lead: 'Only what you pin counts, never what a receipt brings along. It is kept in this browser.',
  unkept: 'This browser keeps nothing: what you pin holds until the page is closed.',
  dropped: 'What was pinned here could not be read, and is not used: ',
  change: 'Change',
  pin: 'Pin',
  pinServed: 'Pin this key',
  pinServedPolicy: 'Pin this policy',
  unpin: 'Unpin',
  file: 'or choose a file',
  theirs: 'What this log says',
  retired: 'Used until ',
  same: 'This log says the same.',
  differs: 'This log says something else. Only yours counts.',
  refused: 'This is not what belongs here: ',
  keyServed: 'What this log serves for itself',
  keySilent: 'This log did not answer. Pin a key that you know.',
  policyServed: 'The policy that this log publishes for itself',
  policyNone: 'None asked for: the log alone vouches for itself.',
  policyAsks: (quorum: string, witnesses: number) =>
    `Quorum “${quorum}” of ${witnesses} witness${witnesses === 1 ? '' : 'es'}.`,
  rootNone: 'None: whose keys signed is not checked.',
  rootUntil: 'Good until',
  rootIdOnly: 'The id alone: versions have to come with the receipt.',
  rootNewest: (name: string, version: number, people: number) =>
    `“${name}”, version ${version}, ${people} ${people === 1 ? 'person' : 'people'}. Compare the id with the organization’s.`,
  rootExpired: 'It is past its own end: get a newer version.',
  rootNewer: (version: number) => `This log lists version ${version}. Yours is older: ask the organization.`,
  rulesNone: 'None: whether enough people approved is not checked.',
  rules: (name: string, rules: number) => `“${name}”, ${rules} rule${rules === 1 ? '' : 's'}.`,
  rulesNamed: 'A log has no say in this: each receipt names its policy, and the check compares.',
} as const;
