/**
 * Signed tree heads (STH): RFC 6962 §3.5 says what is signed, §4.3 how `get-sth` writes it. Version and signature type
 * stand first, so that these 50 bytes are never the text of a checkpoint, which the same key signs.
 *
 *     00 01                                            version v1, signature type tree_hash
 *     00 00 01 9d 54 4a 81 2b                          timestamp, ms since the epoch
 *     00 00 00 00 00 00 00 02                          tree size
 *     ca 4f c6 24 d6 54 37 55 … 88 55 6e 2f 0b          root hash, 32 bytes
 *
 *     { "tree_size": 2, "timestamp": 1775235662123, "sha256_root_hash": b64, "tree_head_signature": b64 }
 *
 * The signature is a `digitally-signed` struct (RFC 5246 §4.7) with the numbers that RFC 8422 §5.1.3 gave Ed25519: hash 8
 * (intrinsic), signature 7 (ed25519), the length 64 in two bytes, the signature. RFC 6962 itself knows P-256 and RSA only.
 */
import { base64Encode } from './base64.ts';
import { concatBytes } from './bytes.ts';
import { base64Bytes, type Field, named, object } from './document.ts';
import { isTime } from './entry.ts';
import { parseJson } from './json.ts';
import { checkSize, HASH_SIZE, isSize } from './merkle.ts';
import { type Primitives, type PublicKey, webCryptoPrimitives } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { checkSignature } from './signature.ts';

export type TreeHead = {
  /** Leaves. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
};

export type UnverifiedTreeHead = TreeHead & {
  /** 64 bytes. */
  readonly unverifiedSignature: Uint8Array;
};

/** hash intrinsic(8), signature ed25519(7), length 64. */
const ED25519_HEADER = Uint8Array.of(8, 7, 0, 64);
const ED25519_LENGTH = 64;
const MAX_BYTES = 4_096;

/** The TreeHeadSignature structure, 50 bytes: what is signed. @throws RangeError for a head that there can't be. */
export function formatTreeHead({ size, root, timestamp }: TreeHead): Uint8Array {
  checkSize('size', size);
  if (!isTime(timestamp)) throw new RangeError('timestamp: not whole milliseconds since the epoch');
  if (root.length !== HASH_SIZE) throw new RangeError('root: a root hash has 32 bytes');
  const bytes = new Uint8Array(2 + 8 + 8 + HASH_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint8(1, 1);
  setUint64(view, 2, timestamp);
  setUint64(view, 10, size);
  bytes.set(root, 18);
  return bytes;
}

/**
 * The body of `get-sth`.
 *
 * @param signature Ed25519 over {@link formatTreeHead}, 64 bytes. @throws RangeError for another length, or as above.
 */
export function formatSignedTreeHead(head: TreeHead, signature: Uint8Array): string {
  formatTreeHead(head);
  if (signature.length !== ED25519_LENGTH) throw new RangeError('signature: an Ed25519 signature has 64 bytes');
  return JSON.stringify({
    tree_size: head.size,
    timestamp: head.timestamp,
    sha256_root_hash: base64Encode(head.root),
    tree_head_signature: base64Encode(concatBytes(ED25519_HEADER, signature)),
  });
}

const size: Field<number> = (value) => {
  if (typeof value !== 'number') return fail('wrong_type', ' is not a number');
  return isSize(value) ? ok(value) : fail('bad_value', ' is not an integer from 0 to 2^53 - 1');
};

const time: Field<number> = (value) => {
  if (typeof value !== 'number') return fail('wrong_type', ' is not a number');
  return isTime(value) ? ok(value) : fail('bad_time', ' is not a whole number of milliseconds since the epoch');
};

const root: Field<Uint8Array> = (value) => {
  const bytes = base64Bytes(value);
  // A shorter root would make degenerate proofs pass.
  return bytes.ok && bytes.value.length !== HASH_SIZE ? fail('hash_length', ' is not 32 bytes') : bytes;
};

const digitallySigned: Field<Uint8Array> = (value) => {
  const bytes = base64Bytes(value);
  if (!bytes.ok) return bytes;
  const [hash, algorithm] = bytes.value;
  if (hash !== 8 || algorithm !== 7) {
    return fail('unsupported', ` is made with hash ${hash} and signature ${algorithm}, not with Ed25519 (8 and 7)`);
  }
  const isWhole = bytes.value.length === ED25519_HEADER.length + ED25519_LENGTH;
  if (!isWhole || bytes.value[2] !== 0 || bytes.value[3] !== ED25519_LENGTH) {
    return fail('signature_malformed', ' is not one Ed25519 signature of 64 bytes');
  }
  return ok(bytes.value.slice(ED25519_HEADER.length));
};

const members = object({
  tree_size: size,
  timestamp: time,
  sha256_root_hash: root,
  tree_head_signature: digitallySigned,
});

/**
 * Takes the body of `get-sth` apart. Fails with a code of the JSON parser, `wrong_type`, `missing_member`,
 * `unknown_member`, `bad_value`, `bad_time`, `bad_base64`, `hash_length`, `signature_malformed`, or `unsupported` for a
 * signature that is not Ed25519.
 */
export function parseSignedTreeHead(json: string | Uint8Array): Result<UnverifiedTreeHead> {
  const parsed = parseJson(json, { maxBytes: MAX_BYTES });
  if (!parsed.ok) return parsed;
  const read = named('STH', members(parsed.value));
  if (!read.ok) return read;
  const { tree_size, timestamp, sha256_root_hash, tree_head_signature } = read.value;
  return ok({ size: tree_size, timestamp, root: sha256_root_hash, unverifiedSignature: tree_head_signature });
}

/**
 * The tree head that this key signed.
 *
 * @param json the body of `get-sth`. @param key the log's, Ed25519; its `keyid` is the RFC's LogID, in hex.
 * @returns the codes of {@link parseSignedTreeHead}, `key_unsupported` for a key of another kind, `signature_malformed`,
 *   `signature_invalid`, or `unsupported` by this runtime.
 */
export async function verifySignedTreeHead(
  json: string | Uint8Array,
  key: PublicKey,
  primitives: Primitives = webCryptoPrimitives,
): Promise<Result<TreeHead>> {
  const parsed = parseSignedTreeHead(json);
  if (!parsed.ok) return parsed;
  if (key.algorithm !== 'ed25519') return fail('key_unsupported', 'STH: the key of a log is an Ed25519 key');
  const { unverifiedSignature, ...head } = parsed.value;
  const checked = await checkSignature(key, unverifiedSignature, formatTreeHead(head), primitives);
  return checked.ok ? ok(head) : checked;
}

/** Without bigint: sizes and times are safe integers everywhere. */
function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value % 2 ** 32);
}
