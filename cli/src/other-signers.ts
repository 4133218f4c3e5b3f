import { type NoteVerifier, parseCheckpoint, parseNote, parseVkey } from '@assent/verifier';

/**
 * What there is to say of a head that none of the keys signed, beside that: a log that changed its key, and somebody who writes in
 * its name, look the same from here.
 *
 * @returns `. ` and a sentence; nothing where no other key has signed under the log's name
 */
export function otherSigners(checkpoint: string | Uint8Array, logKeys: readonly string[]): string {
  const note = parseNote(checkpoint);
  const head = note.ok ? parseCheckpoint(note.value.text) : note;
  if (!note.ok || !head.ok) return '';
  const { origin } = head.value;
  const own = logKeys.flatMap(readKey).filter(({ name }) => name === origin);
  const others = note.value.signatures.filter(({ name }) => name === origin).map(({ keyId }) => keyId);
  if (own.length === 0 || others.length === 0 || own.some(({ keyId }) => others.includes(keyId))) return '';
  const ids = (list: readonly number[]) => [...new Set(list.map(hex))].join(', ');
  return `. It is signed under that name by key ${ids(others)}, and the given one is ${ids(own.map(({ keyId }) => keyId))}: if the log has changed its key, pass both with --log-key, once the other has reached you in another way than from the log`;
}

function readKey(vkey: string): NoteVerifier[] {
  const key = parseVkey(vkey);
  return key.ok ? [key.value] : [];
}

/** As it stands in the middle of a vkey. */
function hex(keyId: number): string {
  return keyId.toString(16).padStart(8, '0');
}
