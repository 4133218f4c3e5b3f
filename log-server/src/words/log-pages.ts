/** What the pages about the log and its entries say. Plain words come first; what they rest on is in terms.ts, for those who ask. */

export const KINDS = {
  approval: 'Decision',
  consumption: 'Use of an approval',
  'trust-root': 'List of approvers',
  foreign: 'Record of another system',
} as const;

/** In the choice of a search. */
export const KIND_CHOICES = {
  '': 'Any kind',
  approval: 'Decisions',
  consumption: 'Uses of approvals',
  'trust-root': 'Lists of approvers',
} as const;

export const METHODS = {
  totp: 'a one-time code',
  face_id: 'face recognition',
  passkey: 'a passkey',
  hardware_key: 'a security key',
  sso: 'a single sign-on',
} as const;

export const ENTRY = {
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
  foreign: (format: string) =>
    `This was signed in another system, ${format}. The log holds it exactly as it was signed. What follows is that system’s word.`,
  proves: {
    before: 'This page reads what the log holds, and proves nothing by itself.',
    link: 'Verify this entry',
    after: ' in your browser.',
  },
  consumption: 'An approval for one use was used up. It cannot be used again.',
  trustRoot:
    'An organization fixed who may approve. The names stay with it; the log holds their fingerprint, so that nobody can change them later.',
  notPublic: 'not public: only its fingerprint is',
} as const;

export const LISTS = {
  nothing: 'Nothing has been logged yet.',
  closedEmpty: 'Nothing was ever logged here.',
  noneFound: 'Nothing here fits. Sealed records are never found by a search, as nobody can see what they hold.',
  noneSoFar: 'Nothing in this part of the log fits. There is more to look through.',
  withheld: 'withheld after a legal order',
  damaged: 'cannot be read: the stored bytes are damaged',
  unreadable: 'a record of a newer kind',
  sealed: 'sealed record',
} as const;

export const SEARCH = {
  sealed: 'Sealed records are never found, as nobody can see what they hold.',
  label: 'Entry number, service, service/id, or a fingerprint',
  help: 'A fingerprint is 64 characters 0-9 a-f: of a decision, an action, a key, or an entry.',
  unclear:
    'This is no entry number, no service, no service/id and no fingerprint (64 characters 0-9 a-f, with or without “sha256:”).',
} as const;

/** What the browser remembers of the log, and what it found when it looked again. */
export const VISIT = {
  titles: {
    open: 'Has the log only grown?',
    pass: 'The log has only grown',
    warn: 'The log did not show that it only grew',
    fail: 'The log has two histories',
  },
  checking: 'Comparing the log with what this browser saw last time…',
  first: (size: string) =>
    `This is your first visit. This browser now remembers the log as it is, with ${size}. Next time the page checks by itself that nothing of it was changed or removed.`,
  same: (size: string) => `Nothing new, and nothing changed: ${size}, the same as you saw.`,
  grown: (from: string, to: string) => `This log has grown from ${from} to ${to} without changing what you saw.`,
  fork: 'What you saw was changed: this log signed two states that contradict each other, and the proof is in this browser.',
  forkAdvice:
    'Download the proof and give it to others who rely on this log: anybody with the log’s key can check it, and the log cannot explain it away. Do not act on anything that you learn here.',
  shrunk: (from: string, to: string) =>
    `This log shows less than you saw: ${to}, where it had ${from}. A log only ever grows. It may be a copy that lags behind, or entries were taken away.`,
  otherKey: 'This log signs with a key that this browser has not seen before.',
  otherThanPinned: 'This log does not sign with the key that you pinned on the page Verify.',
  replaced: (when: string) => ` It says itself that it replaced the one that you know on ${when}.`,
  announced: ' Unless its operator has announced a new key, somebody else may have taken its place.',
  otherLog: 'Another log is served here now. It calls itself ',
  unproven:
    'The log could not show that it still holds what you saw. That proves nothing against it yet; try again, and keep what this browser remembers.',
  unreachable: 'The log could not be asked. What this browser remembers is kept.',
  noStorage: 'This browser keeps nothing for this page, so it cannot compare the log with your last visit.',
  broken: 'What the log answered cannot be checked.',
  remembered: (when: string) => `Last seen here on ${when}.`,
  forget: 'Forget what I saw',
  download: 'Download the proof',
  downloadHeads: 'Download both signed heads',
  again: 'Check again',
} as const;

export const LIVE = {
  on: 'Live',
  off: 'Not live',
  offWords: 'The log cannot be reached now. What you see is what it said last; this page asks again by itself.',
  closed: 'Final',
  newer: (count: string) => `${count} since you opened this page.`,
  show: 'Show them',
  ahead: (by: string) =>
    `The newest head is dated ${by} after the time on this device. One of the two clocks is wrong: the log’s, or yours.`,
  stale: (age: string) =>
    `The newest head is ${age} old. A healthy log signs one at least every ten minutes: this one has stopped, or the clock of this device is wrong.`,
} as const;

/** `lead` where the log's own words are for its operator: they then stand below, for those who ask. */
export const PROBLEM_PAGES: Readonly<Record<string, { readonly title: string; readonly lead?: string }>> = {
  not_found: { title: 'There is nothing here' },
  withheld: { title: 'Withheld after a legal order' },
  read_only: {
    title: 'The log has stopped',
    lead: 'It shows and takes nothing until its operator has looked at it: rather than risk to contradict what it said before, a log stops. Receipts that you have can be checked all the same.',
  },
  unavailable: {
    title: 'The log cannot answer now',
    lead: 'It does not reach its database. Try again soon. Receipts that you have can be checked all the same.',
  },
  overloaded: { title: 'The log is busy', lead: 'Too many people ask at once. Try again in a moment.' },
  shutting_down: { title: 'The log is being restarted', lead: 'Try again in a moment.' },
  rate_limited: { title: 'Too many requests' },
  forbidden: { title: 'Not from here' },
  invalid_parameter: { title: 'This address is not right' },
  stored_data_damaged: {
    title: 'This part of the log is damaged',
    lead: 'What is stored is not what was signed, so it is not shown. The operator has to restore it from a copy; its fingerprint in the log tells whether the copy is right.',
  },
};

export const PROBLEM = {
  title: 'Something went wrong',
  more: 'What the log says about it',
  instance: 'To ask the operator about this:',
} as const;
