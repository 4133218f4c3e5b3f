/** The terms (terms.ts) for what stands in a record or a tree head. /verify has these in a script of its own, for those who open the evidence. */
export const root =
  'A fingerprint of everything in the log, in one line. Change any entry, however old, and it is another one.';
export const origin = 'The name under which the log signs. Approvals count in the one log whose name they bear.';
export const action =
  'What was asked for, as the service that asked calls it. Its details (amounts, recipients) are not public unless revealed.';
export const connector = 'Where the action is carried out.';
export const intent =
  'A fingerprint of the exact action with all its details. Whoever has the details can show that they are the approved ones; nobody can guess them from it.';
export const statement = 'A fingerprint of the decision as it was signed. It is the name of this record anywhere.';
export const fingerprints =
  'Each stands for one piece of the record, to the letter: change one character of it, and its fingerprint is another one. Also called digest, or SHA-256.';
export const leafHash = 'A fingerprint of this entry as the log stores it. The proofs of the log are about this one.';
export const requester = 'Who asked for the decision, as the service says: often a program.';
export const service = 'The service that asked the people, and the name that it gave to this request.';
export const expires = 'After this it must not be acted upon any more.';
export const use = 'Whether it permits the action once, or until it expires.';
export const boundaries =
  'The keys of those who may carry it out. An approval for one use is marked as used by one of them, once and for ever.';
export const policy =
  'The fingerprint of the rules under which it was asked, and the rule that applied. The rules themselves are not in the log.';
export const display = 'A fingerprint of the text that the person was shown.';
export const organization =
  'The list of approvers that decides whose keys count, by the fingerprint of its first version.';
export const attested =
  'The service says that these people approved, and how it knew them. They signed nothing themselves.';
export const sealed =
  'A fingerprint of the record with a random number. It says nothing about the record, and fits no other one.';
export const attempt = 'A random number by which whoever carried it out knows this use as its own.';
export const boundary = 'Who marked the approval as used, by its own name.';
export const previous =
  'The fingerprint of the version before this one. Each is signed by those in charge of the one before.';
export const threshold = 'How many of the keys in charge of the list have to sign the next version.';
export const members = 'A fingerprint of the names and keys in this version. They are not public.';
export const format =
  'The kind of record, by the type that it bears: that type is its only word for which system made it.';
