/**
 * Proofs of misbehaviour (formats.md §13), files `*.misbehaviour.json`: two heads that one log signed and no tree has both, with
 * what shows it. Whoever holds the log's key can check one, today or in years, and needs neither the log nor whoever found it.
 *
 *     { "type": "assent/misbehaviour/v1",
 *       "origin": "log.example.com/approvals",
 *       "older": { "checkpoint": "<signed note>" },             // or { "sth": "<body of get-sth>" }, both verbatim
 *       "newer": { "sth": "…" },                                // of the same size or larger
 *       "from_root": b64, "proof": [ b64, … ] }                 // for heads of two sizes
 *
 * Two roots of one size need nothing beside them, nor does a root of size 0 that is not the empty tree's. For two sizes
 * `proof` is a consistency proof (RFC 6962 §2.1.2) that leads from `from_root` to the newer root: so the newer tree had that root
 * at the older size, and the log signed another one. A proof that fits nothing proves nothing, as anybody can write one.
 */
import { base64Encode } from './base64.ts';
import type { Json } from './canonical-json.ts';
import { type ComparedHead, type ComparedHeads, compareHeads, type UnverifiedHeads } from './compare-heads.ts';
import {
  arrayOf,
  base64Bytes,
  documentType,
  type Field,
  isJsonObject,
  named,
  nonEmpty,
  object,
  optional,
  string,
} from './document.ts';
import { parseJson } from './json.ts';
import { bareKeyPolicy } from './log-policy.ts';
import { HASH_SIZE } from './merkle.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { formatVkey } from './vkey.ts';

export const MISBEHAVIOUR_TYPE = 'assent/misbehaviour/v1';
/** Two notes of 1 MB, whose characters may be escaped, and a few hashes. */
export const MAX_MISBEHAVIOUR_BYTES = 4 * 1024 * 1024;

/** As the log served it. */
export type SignedHead = { readonly checkpoint: string } | { readonly sth: string };

export type Misbehaviour = {
  /** The name of the log, which the key that signed has to bear. */
  readonly origin: string;
  readonly older: SignedHead;
  readonly newer: SignedHead;
  /** For heads of two sizes: the newer tree's root at the older size, 32 bytes, and the proof from there to the newer root. */
  readonly shown?: { readonly fromRoot: Uint8Array; readonly proof: readonly Uint8Array[] };
};

export type VerifiedMisbehaviour = {
  readonly origin: string;
  /** Why no tree has both heads, in words. */
  readonly detail: string;
  readonly older: ComparedHead;
  readonly newer: ComparedHead;
};

const signedHead: Field<SignedHead> = (value) =>
  isJsonObject(value) && Object.hasOwn(value, 'sth')
    ? object({ sth: string })(value)
    : object({ checkpoint: string })(value);

const hash: Field<Uint8Array> = (value) => {
  const bytes = base64Bytes(value);
  return bytes.ok && bytes.value.length !== HASH_SIZE ? fail('hash_length', ' is not 32 bytes') : bytes;
};

const members = object({
  type: documentType(MISBEHAVIOUR_TYPE),
  origin: string,
  older: signedHead,
  newer: signedHead,
  from_root: optional(hash),
  proof: optional(nonEmpty(arrayOf(hash))),
});

/**
 * Reads the frame: the heads are judged by {@link verifyMisbehaviour}. Fails with the codes of `parseJson` (`too_large` beyond 4 MiB)
 * and of members, `hash_length`, and `unsupported` for another type.
 */
export function parseMisbehaviour(text: string | Uint8Array): Result<Misbehaviour> {
  const json = parseJson(text, { maxBytes: MAX_MISBEHAVIOUR_BYTES });
  if (!json.ok) return named('misbehaviour: ', json);
  const read = named('misbehaviour', members(json.value));
  if (!read.ok) return read;
  const { origin, older, newer, from_root: fromRoot, proof } = read.value;
  if (fromRoot === undefined && proof === undefined) return ok({ origin, older, newer });
  if (fromRoot !== undefined && proof !== undefined) return ok({ origin, older, newer, shown: { fromRoot, proof } });
  return fail('missing_member', 'misbehaviour: from_root and proof go together');
}

/** The JSON text, for people as well. @throws TypeError or RangeError for what {@link parseMisbehaviour} would not read back. */
export function formatMisbehaviour({ origin, older, newer, shown }: Misbehaviour): string {
  const hashes = shown && { from_root: base64Encode(shown.fromRoot), proof: shown.proof.map(base64Encode) };
  const document: Json = { type: MISBEHAVIOUR_TYPE, origin, older, newer, ...hashes };
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const parsed = parseMisbehaviour(text);
  if (!parsed.ok) throw new TypeError(`proof: cannot be read back (${parsed.detail})`);
  return text;
}

/**
 * The document that shows what two heads prove, as {@link compareHeads} judges them, without hashes that prove nothing.
 * Fails as `compareHeads`, and with `heads_consistent` where the log did as it should. Rejects as `compareHeads`.
 */
export async function proveMisbehaviour(
  { older, newer, proof, fromRoot }: UnverifiedHeads & { readonly older: SignedHead; readonly newer: SignedHead },
  options: { readonly logKeys: readonly string[]; readonly primitives?: Primitives },
): Promise<Result<string>> {
  const compared = await compareHeads({ older, newer, proof, fromRoot }, options);
  if (!compared.ok) return compared;
  if (compared.value.relation === 'consistent') return consistent(compared.value);
  const origin = bareKeyPolicy(options.logKeys).logs[0]!.key.name;
  const needed = fromRoot !== undefined && needsHashes(compared.value);
  return ok(formatMisbehaviour({ origin, older, newer, ...(needed && { shown: { fromRoot, proof } }) }));
}

/**
 * Whether the log signed both heads and no tree has both.
 *
 * Fails with the codes of {@link parseMisbehaviour}, `origin_mismatch` if no key of that log is given, what is wrong with a head (the
 * codes of {@link compareHeads}), those of `checkConsistency` where the hashes show nothing, `heads_consistent` where
 * the heads agree, and `unknown_member` for hashes beside heads that need none. Rejects with TypeError for a key that is no vkey.
 *
 * @param options.logKeys vkeys, pinned by the caller; of several logs, if need be.
 */
export async function verifyMisbehaviour(
  text: string | Uint8Array,
  {
    logKeys,
    primitives = webCryptoPrimitives,
  }: { readonly logKeys: readonly string[]; readonly primitives?: Primitives },
): Promise<Result<VerifiedMisbehaviour>> {
  const pinned = bareKeyPolicy(logKeys).logs.map(({ key }) => key);
  const parsed = parseMisbehaviour(text);
  if (!parsed.ok) return parsed;
  const { origin, older, newer, shown } = parsed.value;
  const keys = pinned
    .filter(({ name }) => name === origin)
    .map(({ name, publicKey }) => formatVkey(name, publicKey.raw));
  if (keys.length === 0)
    return fail('origin_mismatch', `misbehaviour: of the log ${origin}, and no key of it is given`);
  const heads = { older, newer, proof: shown?.proof ?? [], fromRoot: shown?.fromRoot };
  const compared = await compareHeads(heads, { logKeys: keys, primitives });
  if (!compared.ok) return named('misbehaviour: ', compared);
  if (compared.value.relation === 'consistent') return consistent(compared.value);
  if (shown !== undefined && !needsHashes(compared.value)) {
    return fail('unknown_member', 'misbehaviour: from_root and proof stand beside heads that need none');
  }
  const { detail, older: first, newer: second } = compared.value;
  return ok({ origin, detail, older: first, newer: second });
}

/** Of two heads that fork: whether it takes more than the heads to see it. */
function needsHashes({ older, newer }: ComparedHeads): boolean {
  return older.size !== newer.size && older.size !== 0 && newer.size !== 0;
}

function consistent({ detail }: ComparedHeads): Result<never> {
  return fail('heads_consistent', `misbehaviour: the two heads agree. ${detail}`);
}
