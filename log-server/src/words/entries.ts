/** `/entries`, and the lists and the search of other pages. */
import { entries } from './counts.ts';

/** Of what a search cannot find; its number and its own fingerprint do find it. */
const SEALED = 'What is sealed cannot be searched by service, key or action: the log does not show what it holds.';

export const ENTRIES = {
  title: 'Entries · Assent',
  description: 'Every entry of this log, to browse and to search.',
  heading: 'Entries',
  list: 'The list',
} as const;

/** What a list holds. */
export const LEADS = {
  all: 'Every entry of this log, the newest first. None is ever taken out: what a court or an authority orders withheld keeps its place and its fingerprint.',
  found: 'The entries of this log that fit, the newest first.',
} as const;

/** The columns of a list. */
export const COLUMNS = {
  entry: 'Entry',
  what: 'What',
  decision: 'Decision',
  name: 'From',
  when: 'Logged',
} as const;

export const LISTS = {
  nothing: 'Nothing has been logged yet.',
  closedEmpty: 'Nothing was ever logged here.',
  noneFound: `No entry fits. ${SEALED}`,
  noneSoFar: 'Nothing in this part of the log fits. There is more to look through.',
  withheld: 'withheld after a legal order',
  damaged: 'cannot be read: the stored bytes are damaged',
  unreadable: 'a record of a newer kind',
  sealed: 'sealed record',
  foreign: 'record of another system',
  form: (system: string) => `form: ${system}`,
  used: 'an approval was used',
  servicesWord: 'as the service says',
  approvers: (version: number) => `list of approvers, version ${version}`,
} as const;

export const PAGER = {
  label: 'Pages of the list',
  newest: 'Newest',
  newer: 'Newer',
  older: 'Older',
  further: 'Look further',
  place: (newest: number, last: number, size: number) =>
    `${newest === last ? `Entry ${newest.toLocaleString('en')}` : `Entries ${newest.toLocaleString('en')} to ${last.toLocaleString('en')}`} of a log with ${entries(size)}.`,
} as const;

/** What a list is narrowed to. */
export const FILTERS = {
  label: 'Only those with',
  remove: 'Remove',
  all: 'All entries',
  names: { kind: 'Kind', service: 'Service', approval: 'Decision', intent: 'Action', keyid: 'Key' },
} as const;

/** In the choice of a search. */
export const KIND_CHOICES = {
  '': 'Any kind',
  approval: 'Decisions and records',
  consumption: 'Uses of approvals',
  'trust-root': 'Lists of approvers',
} as const;

export const SEARCH = {
  sealed: SEALED,
  label: 'Find an entry: number, service or fingerprint',
  example: '12, or approvals.example.com',
  help: 'A fingerprint is 64 characters 0–9 a–f: of a decision, an action, a key, or an entry.',
  unclear:
    'This is neither an entry number, nor a service (approvals.example.com), nor one of its requests (approvals.example.com/req_1), nor a fingerprint.',
  kind: 'Kind',
  find: 'Find',
  wrong: (name: string, value: string) => `“${value}” is no ${name} to look for.`,
  noFingerprint: (fingerprint: string) => `Nothing in this log has the fingerprint ${fingerprint}.`,
} as const;
