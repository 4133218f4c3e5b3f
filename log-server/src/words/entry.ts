/** `/entry/{index}`. Plain words come first; what they rest on is in terms.ts, for those who ask. */
import { entries } from './counts.ts';

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
} as const;

export const METHODS = {
  totp: 'a one-time code',
  face_id: 'face recognition',
  passkey: 'a passkey',
  hardware_key: 'a security key',
  sso: 'a single sign-on',
} as const;

export const ENTRY = {
  title: (index: number | string) => `Entry ${index}`,
  noneYet: (index: string) => `There is no entry ${index}: nothing has been logged yet.`,
  beyond: (index: string, size: number) =>
    `There is no entry ${index} yet: the log has ${entries(size)}, and the newest is number ${(size - 1).toLocaleString('en')}.`,
  numbers: 'Entries have numbers: 0, 1, 2 and so on.',
  says: 'What it says',
  signedBy: 'Signed by',
  whose: (keys: number) =>
    `The log does not say whose ${keys === 1 ? 'key this is' : 'keys these are'}. A list of approvers does, for those who have it.`,
  mayUse: 'The approval itself names this key among those that may use it.',
  inCharge: 'Compare these keys with those that the organization tells you.',
  wasUsed: { before: 'It was used: ', after: '. It cannot be used again.' },
  nobodySays: (keys: number) => `Nothing in the log says whose ${keys === 1 ? 'key this is' : 'keys these are'}.`,
  signedText: 'What was signed, to the letter',
  /** What was decided about what: `… on … was approved`. */
  decided: { on: ' on ', was: (decision: string) => ` was ${decision}`, says: ', says a service that calls itself ' },
  usedBy: 'An approval was used by ',
  listOf: 'A list of approvers that calls itself ',
  recordOf: 'A record in the form of ',
  recordUnknown: 'A signed record of another system',
  sealed: {
    title: 'A sealed record',
    lead: 'The log holds a fingerprint of it and nothing else: neither what it says nor who signed it can be read here. Whoever has the record and its random number can open it, and anybody can then check that it is this one.',
  },
  withheld: {
    title: 'Withheld after a legal order',
    lead: 'What this entry says is not served. Its fingerprint stays in the tree, so every proof about this and all other entries still holds, and it cannot be replaced by another one.',
  },
  unreadable: {
    title: 'A record of a newer kind',
    lead: 'The log holds it, and this version of the page cannot read it. Its bytes and its receipt are below all the same.',
  },
  foreign:
    'This was signed in another system. The log holds it exactly as it was signed. What follows is that system’s word.',
  foreignUnknown: 'The log holds it exactly as it was signed, and reads nothing in it.',
  proves: {
    before: 'This page reads what the log holds, and proves nothing by itself.',
    link: 'Verify this entry',
    after: ' in your browser.',
  },
  consumption: 'An approval for one use was used up. It cannot be used again.',
  trustRoot:
    'An organization fixed who may approve. The names stay with it; the log holds their fingerprint, so that nobody can change them later.',
  notPublic: 'not public; only their fingerprint is',
} as const;

/** Names of what an entry says. */
export const FIELDS = {
  decision: 'Decision',
  decisionSaid: 'Decision, as the service says',
  action: 'Action',
  connector: 'On',
  details: 'With the details',
  noDetails: 'none',
  requester: 'Requested by, as the service says',
  service: 'Put to people by',
  allOfService: 'All of this service',
  asked: 'Asked on',
  validUntil: 'Valid until',
  openUntil: 'The request was open until',
  use: 'May be used',
  once: 'once',
  often: 'more than once, until it expires',
  rule: 'Under the rule',
  attested: 'Approved, as the service says',
  attestation: (method: string) => ({ as: ' as ', rest: `, with ${method}, ` }),
  usedBy: 'Used by',
  usedAt: 'Used at',
  ownClock: ', by its own clock',
  attempt: 'Attempt',
  organization: 'Organization',
  version: 'Version',
  inForce: 'In force from',
  inCharge: 'Keys in charge',
  threshold: (threshold: number, keys: number) => `${threshold} of ${keys} sign the next version.`,
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
  id: 'Its own name',
  cannotProve: 'What such a record cannot prove:',
} as const;

export const SIGNER = {
  passkey: 'A passkey',
  key: 'A key',
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
  approval: 'The approval',
  noApproval: 'not to be found here; it may be sealed',
  others: 'Other decisions on the same action',
  organization: 'Its list of approvers',
  notHere: 'not in this log',
  previous: 'The version before',
  next: 'The next version',
  noNext: 'there is none yet',
} as const;

/** The fingerprints by which it is known, and where it stands. */
export const RECORD = {
  title: 'On record',
  place: 'Place',
  placed: { entry: (index: string) => `entry ${index} of `, size: (size: number) => `, which had ${entries(size)}` },
  logged: 'Logged',
  logClock: ', by the log’s clock',
  entry: 'This entry',
  sealed: 'Sealed as',
  decision: 'The decision',
  action: 'The exact action',
  schema: 'Form of its details',
  display: 'The text that was shown',
  policy: 'The rules',
  organization: 'The list of approvers',
  boundary: 'May be used by',
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
  aboutVerify: 'Checks signatures and proofs in your browser.',
  aboutReceipt: 'The record with its proof, in one file. It can be checked without this log, and years from now.',
  bytes: 'Raw bytes',
} as const;
