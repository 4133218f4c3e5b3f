/** `/docs`: what stands around the reference, which is made of the definitions that serve the interface. */
export const DOCS = {
  title: 'HTTP interface · Assent',
  description: 'Every operation of this log, with its parameters and answers, to read and to try.',
  heading: 'HTTP interface',
  lead: 'Every operation of this log, made of the definitions that serve it. Reading needs no key. The same as a file:',
  file: 'openapi.json',
  needsScript: 'This reference needs JavaScript.',
  same: 'says the same.',
} as const;
