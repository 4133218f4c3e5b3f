/** `/`: what the log is, its newest head, how it grew, and what the browser remembers of it. */
import { count, entries } from './counts.ts';

export const HOME = {
  title: 'Assent · a public record of human approvals',
  description: 'A public, append-only log of what people approved, with receipts that anyone can check.',
  heading: 'What people approved, on the record',
  lead: 'Somebody sees an exact action, decides with a passkey of their own, and the decision is written into this log. Should anyone change, remove or backdate it later, even those who run the log, the receipts that people hold give it away.',
  receipts: 'Every entry gets a receipt when it is logged. Anyone can check it, and nobody has to trust us for that.',
  newest: 'Newest entries',
  how: 'Why you need not trust us',
  signed: 'A person signs the action itself',
  aboutSigned:
    'Not a login, not a tick in a box: the passkey signs the fingerprint of recipient, amount and everything else that will run. Change one character and the signature no longer fits. Where a service vouches for people instead, the entry says so.',
  grows: 'The log only grows',
  aboutGrows:
    'Each entry is bound to all before it, and the log signs the result. To alter one old entry, it would have to sign a second history, and two signed histories are proof against it.',
  carried: 'The receipt carries the proof',
  aboutCarried:
    'It holds the entry, the way from it to what the log signed, and what the owner chose to disclose. It can be checked years later, offline, by code that depends on nothing.',
} as const;

/** Where a visitor can begin. */
export const START = {
  demo: 'Approve something yourself',
  verify: 'Check a receipt',
  again: 'Try again',
} as const;

/** In the place of the newest entries, and below them. */
export const NEWEST = {
  more: 'More of the list',
  all: 'All entries',
  first: { before: 'The first entry can be yours:', link: 'approve something' },
  later: 'The entries can be read again when the log runs again.',
} as const;

export const HEAD = {
  title: 'The log now',
  titleClosed: 'The log at its end',
  unit: (size: number) => (size === 1 ? 'entry' : 'entries'),
  oneSignature: ', all under one signature',
  signed: 'Signed',
  key: 'By the log’s key',
  keys: 'By both of the log’s keys',
  rotation: {
    before: 'The second has signed as well since ',
    after: ', and will take the place of the first.',
  },
  confirmedBy: 'Confirmed by',
  root: 'Fingerprint of the whole log',
  origin: 'Name of the log',
  /** To the buttons that copy them. */
  theKey: 'the log key',
  theKeys: ['the first key', 'the second key'],
  theFingerprint: 'the fingerprint',
  noWitnesses:
    'No witnesses. Whoever reads this log has to compare it with what they saw before. From your second visit on, this page does that for you.',
  tooFew: 'Not enough witnesses have confirmed yet.',
  enough: (confirmed: number, size: number) =>
    `Enough witnesses have confirmed ${confirmed >= size && size > 1 ? 'all ' : ''}${entries(confirmed)}.`,
  noneNeeded: 'No witness has to confirm before an entry counts.',
  silent: 'has not confirmed anything yet',
  confirmed: (size: number) => `confirmed ${entries(size)} on `,
  allTheSame: 'All witnesses have confirmed the same: ',
  and: ' and ',
  lastOfThem: ', the last of them on ',
  closed: {
    before: 'This log was closed on ',
    after: ' and takes no entries any more. What it holds can be read and checked as before.',
    successor: ' It goes on as ',
    reason: ' The reason given: ',
  },
} as const;

export const GROWTH = {
  title: 'How it grew',
  grew: (from: string, until: string, size: number) => `From ${from} to ${until} this log grew to ${entries(size)}.`,
  lastWeek: (week: number, day: number) =>
    `${entries(week)} in the last seven days, ${week === day ? (week === 1 ? 'and that' : 'all of them') : `${day.toLocaleString('en')} of them`} in the last 24 hours.`,
  lastDay: (day: number) => `${entries(day)} in the last 24 hours.`,
} as const;

/** What the browser remembers of the log, and what it found when it looked again. */
export const VISIT = {
  titles: {
    open: 'Has the log only grown?',
    pass: 'The log has only grown',
    same: 'Nothing was changed',
    warn: 'The log did not show that it only grew',
    shrunk: 'The log shows less than it did',
    fail: 'The log has two histories',
  },
  checking: 'Comparing the log with what this browser saw last time…',
  first: (size: string) =>
    `This is your first visit. This browser now remembers the log as it is, with ${size}. Next time the page checks by itself that nothing of it was changed or removed.`,
  same: (size: string) => `Nothing is new either: ${size}, the same as you saw.`,
  grown: (from: number, to: number) =>
    `This log has grown from ${from.toLocaleString('en')} to ${entries(to)} without changing what you saw.`,
  fork: 'What you saw was changed: this log signed two states that contradict each other, and the proof is in this browser.',
  forkAdvice:
    'Download the proof and give it to others who rely on this log: anybody with the log’s key can check it, and the log cannot explain it away. Do not act on anything that you learn here.',
  shrunk: (from: string, to: string) =>
    `This log shows less than you saw: ${to}, where it had ${from}. A log only ever grows. This may be a copy that lags behind, or entries were taken away.`,
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
  downloadHeads: 'Download both signed states',
  again: 'Check again',
} as const;

export const LIVE = {
  on: 'Live',
  off: 'Not live',
  offWords: 'The log cannot be reached now. What you see is what it said last; this page asks again by itself.',
  closed: 'Final',
  newer: (more: number) => `${count(more, 'more entry', 'more entries')} since you opened this page.`,
  show: 'Show them',
  ahead: (by: string) =>
    `The log’s newest signature is dated ${by} after the time on this device. One of the two clocks is wrong: the log’s, or yours.`,
  stale: (age: string) =>
    `The log’s newest signature is ${age} old. A healthy log signs at least every ten minutes: this one has stopped, or the clock of this device is wrong.`,
} as const;
