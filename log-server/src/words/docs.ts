/** `/docs`: what stands around the reference, which is made of the definitions that serve the interface. */
export const DOCS = {
  title: 'HTTP interface · Assent',
  description: 'Every operation of this log, with its parameters and answers, to read and to try.',
  heading: 'HTTP interface',
  lead: 'Everything that programs can ask of this log, written from the same definitions that answer them. The same as a file:',
  file: 'openapi.json',
  needsScript: 'This reference needs JavaScript.',
  same: 'says the same.',
} as const;

/** In the reference itself. */
export const REFERENCE = {
  loading: 'Reading the definitions…',
  failed: 'The log did not send its definitions. Load this page again to ask once more.',
  key: 'API key',
  aboutKey:
    'For those who have one: appending needs it, and so does asking by name for the receipt of a sealed entry. It stays in this page and is sent to this log alone.',
  needsKey: 'needs a key',
  keyGiven: 'with your key',
  /** To those who cannot see what stands beside it. */
  text: 'this text',
  body: 'Request body',
  form: 'The form of this',
} as const;

/** What the definitions group the operations by. */
export const GROUPS: Readonly<Record<string, string>> = {
  append: 'Append',
  read: 'Read',
  'tlog-tiles': 'Tiles',
  rfc6962: 'RFC 6962',
  operations: 'Operations',
};
