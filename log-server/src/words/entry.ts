/** `/entry/{index}`. Plain words come first; what they rest on is in terms.ts, for those who ask. */
import { entries } from './counts.ts';
import { whoseKeys } from './names.ts';

/** After what the entry is called. */
export const ENTRY_PAGE = {
  titleEnd: ' · Assent',
  description: 'All that is public about one entry of this log.',
} as const;

export const KINDS = {
  approval: 'Decision',
  consumption: 'Use of an approval',
  'trust-root': 'List of approvers',
  foreign: 'Record of another system',
  sealed: 'Sealed',
  withheld: 'Withheld',
} as const;

export const ENTRY = {
  title: (index: number | string) => `Entry ${index}`,
  noneYet: (index: string) => `There is no entry ${index}: nothing has been logged yet.`,
  beyond: (index: string, size: number) =>
    `There is no entry ${index} yet: the log has ${entries(size)}, and the newest is number ${(size - 1).toLocaleString('en')}.`,
  numbers: 'Entries have numbers: 0, 1, 2 and so on.',
  says: 'What it says',
  is: 'What it is',
  signedBy: 'Signed by',
  whose: (keys: number) => `The log does not say ${whoseKeys(keys)}. A list of approvers does, for those who have it.`,
  mayUse: 'The approval itself names this key among those that may use it.',
  inCharge: 'Compare these keys with those that the organization tells you.',
  wasUsed: { before: 'It was used: ', after: '. It cannot be used again.' },
  nobodySays: (keys: number) => `Nothing in the log says ${whoseKeys(keys)}.`,
  signedText: 'What was signed, to the letter',
  /** What was decided about what: `… on … was approved`. */
  decided: { on: ' on ', was: (decision: string) => ` was ${decision}`, says: ', as a service says' },
  saidBy: { before: 'The service calls itself ', after: '. No passkey signed: that people decided is its word.' },
  usedBy: 'An approval was used by a system that calls itself ',
  listOf: 'A list of approvers that calls itself ',
  recordOf: { before: 'A record in ', after: '’s form' },
  sealed: {
    title: 'A sealed record',
    lead: 'Of what it says, the log holds nothing but a fingerprint: neither the words nor who signed can be read here. Whoever has the record and its random number can open it, and anybody can then check that it is this one.',
  },
  withheld: {
    title: 'Withheld after a legal order',
    lead: 'What this entry says is not shown: a court or an authority ordered so, as the operator of this log says. Its fingerprint stays in the log, so every proof about this entry and all others still holds, and nothing else can take its place.',
  },
  unreadable: {
    title: 'A record of a newer kind',
    lead: 'The log holds it, and this version of the page cannot read it. Its bytes and its receipt are below all the same.',
  },
  foreign:
    'This was signed in another system. The log holds it exactly as it was signed. What follows is that system’s word.',
  foreignUnknown: {
    title: 'A signed record of another system',
    lead: 'The log holds it exactly as it was signed, and reads nothing in it.',
  },
  proves: {
    before: 'This page reads what the log holds, and proves nothing by itself.',
    link: 'Verify this entry',
    after: ' in your browser.',
  },
  consumption: 'An approval for one use was used up. It cannot be used again.',
  trustRoot:
    'An organization put on record who may approve. The names stay with it; the log holds their fingerprint, so that nobody can change them later.',
  notPublic: 'not public; only their fingerprint is',
  detailsNotPublic: 'not public; their fingerprint is below, as that of the exact action',
} as const;

/** Names of what an entry says. */
export const FIELDS = {
  decision: 'Decision',
  action: 'Action',
  connector: 'On',
  details: 'With the details',
  noDetails: 'none',
  requester: 'Requested by, as the service says',
  service: 'Put to people by, as it says',
  allOfService: 'All of this service',
  asked: 'Asked on',
  validUntil: 'Valid until',
  openUntil: 'The request was open until',
  use: 'May be used',
  once: 'once',
  often: 'more than once, until it expires',
  rule: 'Under the rule',
  usedBy: 'Used by, as it says',
  usedAt: 'Used at',
  ownClock: ', by\u00a0its\u00a0own\u00a0clock',
  attempt: 'Attempt',
  organization: 'Organization, as it says',
  version: 'Version',
  inForce: 'In force from',
  inCharge: 'Keys in charge',
  threshold: (threshold: number, keys: number) =>
    keys === 1
      ? 'This key has to sign the next version.'
      : `${threshold} of these ${keys} ${threshold === 1 ? 'has' : 'have'} to sign the next version.`,
  members: 'Names and keys',
} as const;

/** Of a record of another system. */
export const FOREIGN = {
  format: 'Form',
  decision: 'Decision, as it says',
  action: 'Action, as it says',
  who: 'Who, as it says',
  method: 'How, as it says',
  when: 'When, as it says',
  until: 'Valid until, as it says',
  id: 'Its own number',
  cannotProve: 'What such a record cannot prove:',
} as const;

export const SIGNER = {
  passkey: 'A passkey',
  key: 'A key',
  algorithm: (name: string) => ` It signs by the method ${name}.`,
  all: 'All with this key',
  at: 'At ',
  inside: ', inside of another page',
  verified: 'The device checked a finger, a face or a PIN.',
  present: 'Somebody was there; the device did not ask who.',
} as const;

export const RELATED = {
  title: 'Related entries',
  none: 'none',
  all: 'All of them',
  use: 'Its use',
  noUse: 'none is logged',
  by: 'by a system that calls itself ',
  approval: 'The approval',
  noApproval: 'not to be found here; it may be sealed',
  others: 'Other decisions on the same action',
  organization: 'Its list of approvers',
  notHere: 'not in this log',
  listOf: 'its first version, which calls itself ',
  previous: 'The version before',
  next: 'The next version',
  noNext: 'there is none yet',
} as const;

/** Where it stands, and the fingerprints by which it is known. */
export const RECORD = {
  title: 'What the log holds',
  place: 'Place',
  placed: { entry: (index: string) => `entry ${index} of `, size: (size: number) => `, which had ${entries(size)}` },
  logged: 'Logged',
  logClock: ', by\u00a0the\u00a0log’s\u00a0clock',
  fingerprints: 'Fingerprints',
  entry: 'This entry',
  sealed: 'Sealed as',
  decision: 'The decision',
  action: 'The exact action',
  schema: 'Form of its details',
  display: 'The text that was shown',
  policy: 'The rules',
  organization: 'The list of approvers',
  boundary: 'The key that may use it',
  version: 'This version',
  previous: 'The version before',
  signed: 'What was signed',
} as const;

export const NEIGHBOURS = {
  label: 'Entries beside this one',
  before: (index: string) => `← Entry ${index}`,
  after: (index: string) => `Entry ${index} →`,
  first: 'The first',
  last: 'The newest',
  around: 'The list around it',
} as const;

export const ACTIONS = {
  title: 'Do more with it',
  verify: 'Verify',
  aboutVerify: 'Checks in your browser all of it that can be checked.',
  aboutReceipt: 'The entry with its proof, in one file. It can be checked without this log, and years from now.',
  bytes: 'Raw bytes, as the log stores them',
  check: 'Check a receipt',
  aboutCheck: 'Whoever has the receipt of this entry can still show what it says, and check it.',
} as const;

/** On paper, which outlives what it says. */
export const AS_OF = {
  before: 'As of ',
  after: (size: number) => `, when the log had ${entries(size)}. What is said here of other entries was so then.`,
} as const;
