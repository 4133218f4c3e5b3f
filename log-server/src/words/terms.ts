/**
 * Every term that a page cannot do without, explained where it stands to those who ask: each once, in the words of somebody who has
 * never heard of it. One export each, so that a page carries the ones that it uses.
 */
export const treeHead = 'The one hash that stands for everything in the log at a moment, signed by the log.';
export const logKey = 'The public key with which anybody can tell what the log signed. Keep it.';
export const witness = 'By witnesses: independent parties that confirm that a log only ever grew.';
export const quorum = 'How many witnesses have to confirm before it counts.';
export const passkey =
  'A key in a phone, laptop or security key. It signs only when a person is there, and only for one website.';
export const key = 'A key that a program or a person keeps, named by the fingerprint of its public half.';
