/**
 * Cosignatures (https://c2sp.org/tlog-cosignature): a witness's line under a checkpoint, which says when it saw that tree
 * as the largest one of this log, consistent with all that it had seen before.
 *
 *     — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRa…      base64 of key id ‖ timestamp ‖ signature
 *                                                              timestamp: seconds since 1970, 8 bytes big-endian
 *     cosignature/v1                                           what is signed with Ed25519 (type 0x04): two lines,
 *     time 1679315147                                          then the whole note text
 *     example.com/behind-the-sofa
 *     20852163
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 * With ML-DSA-44 (type 0x06, FIPS 204) the structure `cosigned_message` is signed. It names the witness, and of the checkpoint it
 * holds origin, size and root, hence no extension lines:
 *
 *     "subtree/v1\n\0" ‖ length, name ‖ timestamp ‖ length, origin ‖ start = 0 ‖ size ‖ root      lengths 1 byte, numbers 8
 *
 * Anyone can append a line to a checkpoint. So a line that is wrong in whatever way counts as absent and spoils nothing:
 * neither the note, nor another line of the same witness.
 */
import { concatBytes, equalBytes, utf8Encode } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { COSIGNATURE_ED25519, type Cosigner } from './cosigner-key.ts';
import { isTime } from './entry.ts';
import type { FailureCode } from './failure-codes.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { checkSignature, ML_DSA_44_SIGNATURE_LENGTH } from './signature.ts';
import type { Note } from './signed-note.ts';
import type { NoteVerifier } from './vkey.ts';

const TIMESTAMP_LENGTH = 8;
const ED25519_SIGNATURE_LENGTH = 64;
/** Of a name or origin in a `cosigned_message`, in bytes. */
const MAX_NAME_LENGTH = 255;

/** A cosigner, and when it says that it saw the tree: milliseconds since the epoch, whole seconds. */
export type VerifiedCosignature = { readonly cosigner: Cosigner; readonly time: number };

/** Why a cosigner with lines under the checkpoint was not counted. */
export type UncountedCosignature = { readonly cosigner: Cosigner; readonly code: FailureCode };

export type CosignatureEvidence = {
  /** Each cosigner once, with the earliest of its times; in the order of the given cosigners. */
  readonly verified: readonly VerifiedCosignature[];
  /** Each cosigner that has a line and none that counts, with the first one's reason. */
  readonly uncounted: readonly UncountedCosignature[];
};

/**
 * The bytes that a type 0x04 cosignature signs.
 *
 * @param noteText the checkpoint, with its final newline and extension lines. @param timestamp seconds since the epoch.
 * @throws RangeError for a timestamp that is no non-negative safe integer.
 */
export function cosignatureMessage(noteText: string, timestamp: number): Uint8Array {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new RangeError('timestamp: not whole seconds since the epoch');
  }
  return utf8Encode(`cosignature/v1\ntime ${timestamp}\n${noteText}`);
}

/**
 * The bytes that a type 0x06 cosignature signs of a checkpoint.
 *
 * @param name the cosigner's. @param timestamp seconds since the epoch.
 * @throws RangeError for a timestamp that is no non-negative safe integer, and for a name or origin that is empty or over 255 bytes.
 */
export function mlDsaCosignatureMessage(
  name: string,
  { origin, size, root }: Pick<Checkpoint, 'origin' | 'size' | 'root'>,
  timestamp: number,
): Uint8Array {
  return concatBytes(
    utf8Encode('subtree/v1\n\0'),
    lengthPrefixed('name', name),
    uint64(timestamp),
    lengthPrefixed('origin', origin),
    uint64(0),
    uint64(size),
    root,
  );
}

/**
 * What stands in a note line after the key id: `timestamped_signature` of the specification.
 *
 * @param timestamp seconds. @param signature 64 bytes for Ed25519, 2420 for ML-DSA-44. @throws RangeError for a timestamp as above.
 */
export function formatTimestampedSignature(timestamp: number, signature: Uint8Array): Uint8Array {
  return concatBytes(uint64(timestamp), signature);
}

/**
 * Whether one line is this cosigner's cosignature of a checkpoint. Whose line it is has to be settled before: see
 * {@link verifyCosignatures}, which also knows when a line must not count.
 *
 * @param timestampedSignature the `signature` of the note line. @param noteText the checkpoint.
 * @returns the time, in milliseconds; `signature_malformed`, `bad_time` (0, or beyond the year 9999), `signature_invalid`;
 *   `unsupported` by this runtime; for ML-DSA-44 also `checkpoint_malformed`.
 */
export async function checkCosignature(
  cosigner: Cosigner,
  timestampedSignature: Uint8Array,
  noteText: string,
  primitives: Primitives = webCryptoPrimitives,
): Promise<Result<number>> {
  const isEd25519 = cosigner.algorithm === COSIGNATURE_ED25519;
  const length = isEd25519 ? ED25519_SIGNATURE_LENGTH : ML_DSA_44_SIGNATURE_LENGTH;
  if (timestampedSignature.length !== TIMESTAMP_LENGTH + length) {
    return fail('signature_malformed', `cosignature: not ${TIMESTAMP_LENGTH} + ${length} bytes`);
  }
  const timestamp = readTimestamp(timestampedSignature);
  // Zero is how a cosigner says that it makes no statement about time, and so none about which tree is the newest.
  // Beyond year 9999 it counts in some other unit than seconds.
  if (timestamp === 0 || !isTime(timestamp * 1000)) {
    return fail('bad_time', 'cosignature: the timestamp is zero or beyond the year 9999');
  }
  const signature = timestampedSignature.subarray(TIMESTAMP_LENGTH);
  const message = isEd25519
    ? ok(cosignatureMessage(noteText, timestamp))
    : readMlDsaMessage(cosigner.name, noteText, timestamp);
  if (!message.ok) return message;
  const checked = await checkSignature(cosigner.publicKey, signature, message.value, primitives);
  return checked.ok ? ok(timestamp * 1000) : checked;
}

/**
 * Which of the cosigners cosigned a checkpoint. Lines by others are ignored, and a bad one is as good as none.
 *
 * The log's own lines never count, because a log that vouches for itself adds nothing: a cosigner under the name of the
 * checkpoint's origin or with a key of that log is reported as `own_cosignature`.
 *
 * @param checkpoint a note whose text is a checkpoint. @param logKeys keys of logs; those of this origin matter here.
 */
export async function verifyCosignatures(
  checkpoint: Note,
  { cosigners, logKeys }: { readonly cosigners: readonly Cosigner[]; readonly logKeys: readonly NoteVerifier[] },
  primitives: Primitives = webCryptoPrimitives,
): Promise<CosignatureEvidence> {
  const origin = checkpoint.text.slice(0, checkpoint.text.indexOf('\n'));
  const ownKeys = logKeys.filter(({ name }) => name === origin).map(({ publicKey }) => publicKey.raw);
  const isOwn = ({ name, raw }: Cosigner) => name === origin || ownKeys.some((own) => equalBytes(own, raw));
  // A hundred copies of a line cost one verification.
  const lines = new Map(checkpoint.signatures.map((signature) => [signature.line, signature]));
  const outcomes = await Promise.all(
    cosigners.map(async (cosigner) => {
      const times: number[] = [];
      let code: FailureCode | undefined;
      for (const { name, keyId, signature } of lines.values()) {
        if (name !== cosigner.name || keyId !== cosigner.keyId) continue;
        const checked = isOwn(cosigner)
          ? fail('own_cosignature', 'cosignature: by the log itself')
          : await checkCosignature(cosigner, signature, checkpoint.text, primitives);
        if (checked.ok) times.push(checked.value);
        else code ??= checked.code;
      }
      return { cosigner, times, code };
    }),
  );
  return {
    verified: outcomes.flatMap(({ cosigner, times }) =>
      times.length === 0 ? [] : [{ cosigner, time: Math.min(...times) }],
    ),
    uncounted: outcomes.flatMap(({ cosigner, times, code }) =>
      times.length > 0 || code === undefined ? [] : [{ cosigner, code }],
    ),
  };
}

function readMlDsaMessage(name: string, noteText: string, timestamp: number): Result<Uint8Array> {
  const checkpoint = parseCheckpoint(noteText);
  if (!checkpoint.ok) return checkpoint;
  const lengths = [name, checkpoint.value.origin].map((text) => utf8Encode(text).length);
  if (Math.max(...lengths) > MAX_NAME_LENGTH) {
    return fail(
      'signature_invalid',
      `cosignature: over ${MAX_NAME_LENGTH} bytes of a name can't be signed with ML-DSA-44`,
    );
  }
  return ok(mlDsaCosignatureMessage(name, checkpoint.value, timestamp));
}

function lengthPrefixed(what: string, text: string): Uint8Array {
  const bytes = utf8Encode(text);
  if (bytes.length < 1 || bytes.length > MAX_NAME_LENGTH) {
    throw new RangeError(`${what}: not 1 to ${MAX_NAME_LENGTH} bytes`);
  }
  return concatBytes(Uint8Array.of(bytes.length), bytes);
}

/** Big-endian. @throws RangeError for what no timestamp or size can be. */
function uint64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('timestamp or size: not a whole number from 0');
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}

/** Seconds. Above 2^53 no longer exact, which is beyond the year 9999 by far. */
function readTimestamp(timestampedSignature: Uint8Array): number {
  const view = new DataView(timestampedSignature.buffer, timestampedSignature.byteOffset);
  return view.getUint32(0) * 2 ** 32 + view.getUint32(4);
}
