/**
 * The body of `add-checkpoint` (https://c2sp.org/tlog-witness, "add-checkpoint"):
 *
 *     old 20852014                                     the size that the witness is believed to have cosigned last
 *     PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=     consistency proof from there, at most 63 hashes
 *
 *     example.com/behind-the-sofa                      the signed checkpoint
 *     …
 */
import {
  base64Decode,
  type Checkpoint,
  fail,
  HASH_SIZE,
  type Note,
  ok,
  parseCheckpoint,
  parseDecimal,
  parseNote,
  type Result,
  utf8Decode,
} from '@assent/verifier';

/**
 * 63 hashes take 3 kB, and 16 signatures, which every reader of notes has to accept, up to 100 kB with the largest of the
 * post-quantum ones.
 */
export const MAX_REQUEST_BYTES = 128 * 1024;
const MAX_PROOF = 63;

export type AddCheckpoint = {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** Whose signatures nobody has verified. */
  readonly unverifiedNote: Note;
  readonly checkpoint: Checkpoint;
};

/** @returns `bad_value` before the checkpoint, `note_malformed`, `checkpoint_malformed`, `not_utf8`, `too_large`. */
export function parseAddCheckpoint(body: Uint8Array): Result<AddCheckpoint> {
  if (body.length > MAX_REQUEST_BYTES) return fail('too_large', `over ${MAX_REQUEST_BYTES} bytes`);
  const decoded = utf8Decode(body);
  if (!decoded.ok) return decoded;
  const text = decoded.value;
  // The first empty line: the checkpoint has another one before its signatures.
  const end = text.indexOf('\n\n');
  const [first = '', ...hashes] = text.slice(0, Math.max(end, 0)).split('\n');
  const oldSize = parseDecimal(first.slice('old '.length));
  if (!first.startsWith('old ') || !oldSize.ok) return fail('bad_value', 'the first line is not "old" and a size');
  if (hashes.length > MAX_PROOF) return fail('bad_value', `over ${MAX_PROOF} hashes`);
  const proof: Uint8Array[] = [];
  for (const line of hashes) {
    const hash = base64Decode(line);
    if (!hash.ok || hash.value.length !== HASH_SIZE)
      return fail('bad_value', 'a line of the proof is not base64 of 32 bytes');
    proof.push(hash.value);
  }
  const note = parseNote(text.slice(end + 2));
  if (!note.ok) return note;
  const checkpoint = parseCheckpoint(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  return ok({ oldSize: oldSize.value, proof, unverifiedNote: note.value, checkpoint: checkpoint.value });
}
