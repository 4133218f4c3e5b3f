/** `/verify`: asking, what stands around the answer, and what the visitor trusts. What is said of a receipt is in receipts.ts. */

export const VERIFY = {
  title: 'Check a receipt · Assent',
  description: 'Checks a receipt in your browser.',
  heading: 'Check a receipt',
  lead: 'Does it prove that somebody approved something, and that the log has it on record? It is checked here: a file that you drop never leaves your browser.',
  needsScript: 'This needs JavaScript. Without it:',
  command: 'npx assent verify receipt.json',
  ask: 'What to check',
  drop: 'Drop receipts here, or choose files',
  endsIn: 'They end in .receipt.json',
  or: 'or',
  paste: 'Paste a receipt, an entry number, a fingerprint or service/id',
  pasteSaved: 'Paste a receipt',
  check: 'Check',
  none: 'No receipt at hand?',
  newest: 'Take the newest entry of this log.',
  example: 'Take an example.',
  another: 'Check another',
  trust: 'What you trust',
  keep: 'Keep this page:',
  savedCopy: 'assent-verify.html',
  aboutCopy: 'is all of it in one file, which works without a network. Its SHA-256 is',
  isSaved: 'This is a saved copy: it cannot connect to anything.',
} as const;

export const ASK = {
  empty: 'There is nothing to check.',
  unclear: 'This is no receipt, entry number or fingerprint.',
  badLink: 'This link is damaged.',
  otherLog: 'This link leads to another log.',
  noEntry: 'This link names no entry.',
  badFragment: 'The receipt in this link is damaged. Ask for the file.',
  tooLarge: 'This file is larger than any receipt.',
  tooMany: 'At most 100 receipts at a time.',
  unreachable: 'The log cannot be reached.',
  silent: 'The log did not answer.',
  pasted: 'the receipt that you pasted',
  linked: 'the receipt in the link',
  served: 'as this log hands it out',
  checked: 'Checked: ',
} as const;

/** In a saved copy alone. */
export const SAVED = {
  lookup: 'A saved copy asks nobody. Drop the receipt here.',
  example: 'an example',
  exampleMeans: 'An example. It proves nothing: anybody has its keys.',
  madeWith: 'Checked in this page, with the log key of the example, which is public.',
  code: 'Add a QR code to the printed page',
  addressStart: 'https://',
  aboutCode: 'Type the log’s address, as its operator gave it to you.',
  address: 'Address of the log',
  useAddress: 'Make the QR code',
  hasCode: 'It will be on what you print.',
  noAddress: 'This is no address of a website (https://…).',
  noKey: 'A saved copy asks no log. Pin the key of yours.',
} as const;

export const REPLACED_KEY = {
  contradicted:
    'It is signed with a key that this log has replaced, and what was signed does not fit the log of today: somebody else may have that key.',
  silent:
    'It names a key that this log has replaced since, and the log did not answer whether it holds what was signed. Try again later.',
} as const;

/** Whose word the key of the log is. */
export const MADE_WITH = {
  served: 'Checked in this page, with keys that this log names for itself.',
  servedWitnesses: 'Checked in this page, with keys and witnesses that this log names for itself.',
  retired:
    'Checked in this page, with a key that this log has replaced since. What it signed here is in the log of today.',
  pinned: 'Checked in this page, with the log key that you pinned.',
  none: 'Checked in this page, without a log key that counts.',
} as const;

/** Behind what the log names for itself; paper has nothing to pin. */
export const PIN_YOURS = ' Pin those that you got from elsewhere.';

/** For those who are about to act on an approval; what follows when they open it is in words/act.ts. */
export const ACT_TITLE = 'Are you about to act on it?';

/** Before what is wrong with what somebody gave. */
export const REFUSED = 'This does not belong here: ';

export const PIN_STATES = { pinned: 'Pinned', served: 'The log’s word', none: 'None' } as const;
export const PIN_TITLES = {
  logKey: 'The log’s key',
  logPolicy: 'Witnesses',
  trustRoot: 'List of approvers',
  approvalPolicy: 'Your rules',
} as const;

/** What one of them says, and how to change it, is in pins.ts. */
export const PINS = {
  title: 'What you trust',
  lead: 'Whose word counts for you. It is kept in this browser.',
  unkept: 'This browser keeps nothing: pins hold until the page is closed.',
  dropped: 'Could not be read, and is not used: ',
  isOther: 'Differs',
  noAnswer: 'No answer',
  policyNone: 'None asked for: the log alone vouches for itself.',
  policyAsks: (needed: number, witnesses: number) =>
    `${needed} of ${witnesses} witness${witnesses === 1 ? '' : 'es'} must have seen it.`,
  policyGroups: 'Enough of the witnesses must have seen it: which, the groups below say.',
  otherPolicy: 'the log policy that you pinned does not list this log',
  otherKey: 'it does not list the log whose key you pinned: remove that key first',
  noFirstVersion: 'there is no version 1 in it',
} as const;
