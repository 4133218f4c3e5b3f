/** `/verify`: what one of the things that the visitor trusts says, and how to change it. What stands around them is in verify.ts. */

export const PIN_KINDS = {
  logKey: {
    about: 'By this key the log’s signature is recognized.',
    label: 'Log keys (origin+hash+key), one a line',
  },
  logPolicy: {
    about: 'Which independent witnesses must have seen it, and how many.',
    label: 'Log policy (lines of log, witness, group and quorum)',
  },
  trustRoot: {
    about: 'Who may approve, and with which keys.',
    label: 'Root id (sha256:…), or the versions as JSON',
  },
  approvalPolicy: {
    about: 'Who has to approve what.',
    label: 'Approval policy (assent/policy/v1), as JSON',
  },
} as const;

export const PIN = {
  change: 'Change',
  other: 'Give another one',
  pin: 'Pin',
  pinServed: 'Pin this key',
  pinServedPolicy: 'Pin this policy',
  unpin: 'Unpin',
  file: 'or choose a file',
  own: 'What this log says of itself. Compare it with what you got from elsewhere, then pin it.',
  theirs: 'What this log says',
  retired: 'Used until ',
  same: 'This log says the same.',
  differs: 'This log says something else. Only yours counts.',
  keySilent: 'This log did not answer. Pin a key.',
  rootNone: 'None: whose keys signed is not checked.',
  rootUntil: 'Good until',
  rootIdOnly: 'The id alone: versions come with the receipt.',
  rootNewest: (name: string, version: number, people: number) =>
    `“${name}”, version ${version}, ${people} ${people === 1 ? 'person' : 'people'}. Compare the id with the organization’s.`,
  rootExpired: 'It is past its own end: get a newer version.',
  rootNewer: (version: number) => `This log lists version ${version}. Yours is older: ask the organization.`,
  rulesNone: 'None: whether enough people approved is not checked.',
  rules: (name: string, rules: number) => `“${name}”, ${rules} rule${rules === 1 ? '' : 's'}.`,
} as const;
