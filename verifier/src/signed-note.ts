/**
 * Signed notes (https://c2sp.org/signed-note): a text, an empty line, and lines of signatures.
 *
 *     Ognuno sta solo sul cuor della terra…
 *
 *     — quasimodo.example/salvatore NnugSzTjtVAe…
 *       (em dash, space, key name, space, base64 of key id ‖ signature, newline)
 *
 * The pair (name, key id) says which key signed; the key id is 32 bits, so it finds keys and proves nothing. Signatures
 * by unknown pairs are ignored, well-formed or not by their own rules: that is how witnesses and new algorithms get in.
 */
import { base64Decode, base64Encode } from './base64.ts';
import { concatBytes, hasLoneSurrogate, utf8Decode, utf8Encode } from './bytes.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { type Failure, fail, ok, type Result } from './result.ts';
import { checkSignature } from './signature.ts';
import { isKeyName, type NoteVerifier } from './vkey.ts';

export type NoteSignature = {
  readonly name: string;
  /** uint32 */
  readonly keyId: number;
  /** Without the key id; what it holds depends on the key's type. */
  readonly signature: Uint8Array;
  /** The whole line with its newline, so that text ‖ newline ‖ lines is the note again. */
  readonly line: string;
};

export type Note = {
  /** What was signed (in UTF-8): with its final newline, without the empty line that follows. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
};

/** The specification: at least 16. A line with ML-DSA-87 takes 6 kB, so the size allows for 100 of those. */
const MAX_SIGNATURES = 100;
const MAX_BYTES = 1_000_000;
const LINE_PREFIX = '\u2014 ';

/** @returns `note_malformed`, or `too_large` over 1 MB. No signature has been looked at. */
export function parseNote(note: string | Uint8Array): Result<Note> {
  if (note.length > MAX_BYTES) return fail('too_large', `note: over ${MAX_BYTES} bytes`);
  const decoded = typeof note === 'string' ? ok(note) : utf8Decode(note);
  if (!decoded.ok) return malformed('not UTF-8');
  const whole = decoded.value;
  if (!isNoteText(whole)) return malformed('a control character, or no newline at the end');
  // The last empty line: the text may hold empty lines of its own.
  const split = whole.lastIndexOf('\n\n');
  if (split < 0) return malformed('no empty line before the signatures');
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return malformed(`over ${MAX_SIGNATURES} signatures`);
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === undefined) return malformed('a line after the text is not a signature');
    signatures.push(signature);
  }
  return ok({ text: whole.slice(0, split + 1), signatures });
}

/**
 * @param text ends in a newline. @param lines from `formatSignatureLine`, or the `line` of parsed signatures.
 * @throws TypeError for what `parseNote` would not read back as the same.
 */
export function formatNote(text: string, lines: readonly string[]): string {
  const note = `${text}\n${lines.join('')}`;
  const parsed = parseNote(note);
  const same = parsed.ok && parsed.value.text === text && parsed.value.signatures.length === lines.length;
  if (!same) throw new TypeError('text, lines: not a note (a text ends in a newline; a line is a signature line)');
  return note;
}

/** @param keyId uint32. @returns the line with its newline. @throws TypeError or RangeError for what no note can hold. */
export function formatSignatureLine(name: string, keyId: number, signature: Uint8Array): string {
  if (!isKeyName(name)) throw new TypeError('name: empty, or with white space or "+"');
  if (!Number.isInteger(keyId) || keyId < 0 || keyId >= 2 ** 32) throw new RangeError('keyId: not a uint32');
  if (signature.length === 0) throw new RangeError('signature: empty');
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, keyId);
  return `${LINE_PREFIX}${name} ${base64Encode(concatBytes(id, signature))}\n`;
}

/**
 * Whether the keys of the log signed. Every line by one of these keys must verify, or the whole note is refused: a log
 * that signs badly, or someone who writes in its name, is not to be believed in part. Lines by other keys are ignored.
 * @returns the keys that signed, each once, at least one; `note_signature_invalid`, `log_signature_missing`,
 *   `unsupported`.
 */
export async function verifyNote(
  note: Note,
  logKeys: readonly NoteVerifier[],
  primitives: Primitives = webCryptoPrimitives,
): Promise<Result<{ readonly verified: readonly NoteVerifier[] }>> {
  const message = utf8Encode(note.text);
  const verified = new Map<string, NoteVerifier>();
  const seen = new Set<string>();
  for (const { name, keyId, signature, line } of note.signatures) {
    if (seen.has(line)) continue; // a hundred copies cost one verification
    seen.add(line);
    for (const key of logKeys) {
      if (key.name !== name || key.keyId !== keyId) continue;
      // Two keys of one name may share an id, by chance or by work; then both would have to agree, and the note is refused.
      const checked = await checkSignature(key.publicKey, signature, message, primitives);
      if (!checked.ok) {
        return checked.code === 'unsupported'
          ? checked
          : fail('note_signature_invalid', `note: a bad signature by ${name}`);
      }
      verified.set(key.publicKey.keyid, key);
    }
  }
  if (verified.size === 0) return fail('log_signature_missing', 'note: no signature by any of the given keys');
  return ok({ verified: [...verified.values()] });
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  if (!line.startsWith(LINE_PREFIX)) return undefined;
  const space = line.indexOf(' ', LINE_PREFIX.length);
  if (space < 0) return undefined;
  const name = line.slice(LINE_PREFIX.length, space);
  const bytes = base64Decode(line.slice(space + 1));
  if (!isKeyName(name) || !bytes.ok || bytes.value.length < 5) return undefined;
  const { buffer, byteOffset } = bytes.value;
  const keyId = new DataView(buffer, byteOffset).getUint32(0);
  return { name, keyId, signature: bytes.value.slice(4), line: `${line}\n` };
}

/** Well-formed Unicode that ends in a newline and has no other ASCII control character. */
function isNoteText(text: string): boolean {
  if (!text.endsWith('\n') || hasLoneSurrogate(text)) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return false;
  }
  return true;
}

function malformed(detail: string): Failure {
  return fail('note_malformed', `note: ${detail}`);
}
