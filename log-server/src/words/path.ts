/** The way of an entry up to the root of the log, as a picture and to be tried. */
import * as TERMS from './terms.ts';

export const PATH = {
  lone: 'The entry is hashed. It is the only one, so that its hash is the root.',
  lead: 'The entry is hashed, then with its neighbour, and so on up to the root in the tree head.',
  entry: 'The entry, as the log stores it',
  try: 'Change one character: it is computed as you type.',
  spoil: 'Change one for me',
  restore: 'Put it back',
  holds: 'It leads to the root in the receipt.',
  breaks: 'It leads to another root.',
  tooLong: 'This entry is too long to be edited here.',
  unreadable: 'The proof cannot be read.',
  list: 'The same as a list',
  leaf: 'entry',
  root: 'root',
  signed: 'root in the receipt',
  computed: 'computed root',
  beside: 'beside it, from the receipt',
  own: 'computed here',
  changed: 'changed',
  leaves: 'entries',
  steps: 'steps',
} as const;

const HASH = 'A fingerprint of bytes, also called digest. Change one byte, and it is another one.';
const LOG = 'A public list to which entries are only ever added. Everybody can check that none was changed or removed.';
export const PATH_TERMS = { hash: HASH, 'tree head': TERMS.treeHead, log: LOG };
