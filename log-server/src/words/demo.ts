/** `/demo`, and what its approval service answers to it. */
import { entries } from './counts.ts';

export const DEMO = {
  title: 'Approve something · Assent',
  description: 'Approve an exact action with a passkey, see it logged, and try to forge the receipt.',
  heading: 'Approve something',
  lead: 'A program that does the books, an AI agent, wants to pay an invoice and must ask you first. The bank is made up. Your passkey, the log and the receipt are real.',
  needsScript: 'Passkeys need JavaScript.',
  makePasskey: 'Make a passkey',
  aboutPasskey:
    'Your device makes a pair of keys. The private one stays with it, or with your password manager if that copies passkeys; this page gets the public one alone. Use this passkey for approvals only,',
  neverLink: 'never to sign in',
  seeAction: 'See the exact action',
  recipient: 'Recipient',
  exampleRecipient: 'Harbour Books Ltd',
  amount: 'Amount in EUR',
  exampleAmount: '1250.00',
  ask: 'Ask me for approval',
  decide: 'Approve or reject',
  aboutDecision:
    'Your passkey signs your decision about this action and nothing else. A rejection is signed and logged too: it is evidence as well.',
  approve: 'Approve with passkey',
  reject: 'Reject with passkey',
  logged: 'On the record',
  forge: 'Now try to cheat',
  aboutForge: 'The receipt is a file, and files can be edited. Edit it, and check it again.',
  addZero: 'Add a zero to the amount',
  backdate: 'Backdate the entry by 30 seconds',
  undo: 'Undo',
  real: 'What is real here',
  realComputed:
    'This page computes what your passkey signs from what it shows you. The server computes it again on its own; one character of difference, and the signature does not fit.',
  realChecked:
    'The log checks the signature before it stores anything, and this page checks the receipt without asking the log again.',
  realKeys:
    'This demo takes any passkey. A real service takes only the keys of its approvers, and the receipt is judged against that list.',
  never: 'Never sign in with it',
  neverWhy:
    'A passkey that approves must not be used to sign in anywhere. A sign-in page of the same site, once malicious, could have your device sign an approval, and you would approve while you think that you log in. Nobody could tell the difference afterwards.',
  screen:
    'Nor can a receipt show what was on your screen. That the page shows what it signs is something that you trust it for.',
} as const;

/** What the person is asked to approve. */
export const PAYMENT = {
  currency: 'EUR',
  reference: 'Invoice 2041',
  sentence: (amount: string, currency: string, recipient: string, reference: string) =>
    `Pay ${amount} ${currency} to ${recipient} (${reference})`,
  recipientForm: 'A recipient has 1 to 60 visible characters, and no space before or after.',
  amountForm: 'An amount is written as 1250.00, with two places and without commas.',
} as const;

/** In the steps. */
export const STEP = {
  change: 'Change it',
  otherRequest: 'The service asks for something else than you typed. Nothing was signed.',
  wrong: 'Something went wrong.',
  keyid: 'Fingerprint of your public key',
  makeAnother: 'Make another',
  approved: 'You approved.',
  rejected: 'You rejected.',
  noPasskeys: 'This browser offers no passkeys. Open this page in a current browser.',
  noLog: 'The log cannot be reached. Load this page again when it runs.',
  noService: 'The approval service cannot be reached. Try again.',
} as const;

/** What the device shows of this page. */
export const PASSKEY_NAMES = { site: 'Assent demo', user: 'Demo approver' } as const;

/** Why a passkey was not made, or did not sign. */
export const CEREMONY = {
  noKey: 'The browser gave no public key for this passkey.',
  unusableKey: (why: string) => `This passkey's key cannot be used: ${why}.`,
  noSignature: 'The browser gave no signature.',
  notUsed:
    'The passkey was not used: you cancelled, it took too long, or this device does not have it. Nothing was signed.',
  notAllowed: 'The browser does not allow passkeys on this page. Nothing was signed.',
  noKind: 'This device cannot make a passkey of a kind that the log accepts.',
  refused: (name: string) => `The browser refused (${name}). Nothing was signed.`,
} as const;

export const REQUEST = {
  action: 'Action',
  connector: 'On',
  intent: 'Fingerprint of the exact action, computed in this page',
  everything: 'Everything that your passkey will sign',
  statement: 'The statement, if you approve. If you reject, its decision says “rejected”.',
  statementDigest: 'Fingerprint of the statement',
  encoding: 'SHA-256 of its DSSE encoding',
  challenge: 'The challenge for your passkey is 32 random bytes, followed by the second of these fingerprints.',
} as const;

export const LOGGED = {
  approved: 'Your approval is in the log.',
  rejected: 'Your rejection is in the log: evidence that the holder of this passkey was asked, and said no.',
  again: 'Start over',
  verify: 'Open it in Verify',
  newTab: ' (new tab)',
  place: 'Place',
  placed: {
    entry: (index: number) => `entry ${index}`,
    size: (size: number) => ` of this log, which had ${entries(size)}`,
  },
  fingerprints: 'Fingerprints',
  logged: 'Logged',
  leaf: 'This entry',
  root: 'The whole log, as signed',
  challenge: 'What the passkey signed',
} as const;

export const FORGERIES = {
  where: (what: string) => `${what}, in the receipt`,
  verify: 'Open the forged receipt in Verify',
  amount: 'Amount',
  money: (amount: string) => `${amount} EUR`,
  amountWhy: (before: string, after: string) =>
    `The passkey signed the fingerprint of the action with ${before} in it. With ${after} the fingerprint is another one, and nobody has signed that.`,
  logged: 'Logged',
  loggedWhy:
    'The log signed one fingerprint that stands for every entry. With this one changed it comes out as another one, and nobody has signed that.',
} as const;

/** What the approval service answers. */
export const SERVICE = {
  tooMany: 'Too many requests wait for an answer. Try again in a few minutes.',
  unknown: 'This request is not known here, or it has expired. Ask again.',
  answered: 'This request has been answered already, and that answer stands.',
  badKey: (why: string) => `"publicKey": ${why}.`,
  badSignature: (why: string) => `The passkey's signature does not hold: ${why}.`,
  otherPage: 'The passkey was not used on this page by a person whom the device verified.',
  noReceipt: 'The log answered with something that is no receipt.',
  badBase64: (member: string) => `"${member}" is not in the base64 that is expected.`,
  mediaType: 'Send the body with "Content-Type: application/json".',
  thisMachine: 'The demo answers on this machine alone.',
  openAt: (address: string) => `Open the demo at ${address}.`,
  onlyPage: (address: string) => `Only the page ${address} may do that.`,
} as const;
