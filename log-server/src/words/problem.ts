/** What stands in the place of a page that cannot be shown. */

/** After what happened. */
export const PROBLEM_PAGE = {
  titleEnd: ' · Assent',
} as const;

/** Where to go from there. */
export const WAYS_ON = {
  toLog: 'To the log',
  toEntries: 'All entries',
  toVerify: 'Check a receipt',
  again: 'Try again',
} as const;

/** `lead` where the log's own words are for its operator: they then stand below, for those who ask. */
export const PROBLEM_PAGES: Readonly<Record<string, { readonly title: string; readonly lead?: string }>> = {
  not_found: { title: 'Not found' },
  withheld: { title: 'Withheld after a legal order' },
  read_only: {
    title: 'The log has stopped',
    lead: 'It shows and takes nothing until its operator has looked at it: a log stops rather than risk contradicting what it said before. Receipts that you have can be checked all the same.',
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
  /** At the end, for those who know what it is. */
  status: (status: number) => `Error ${status}.`,
  instance: 'If you ask the operator about this, name this code:',
  noPage: 'There is no such page here.',
} as const;
