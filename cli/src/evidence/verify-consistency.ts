/** Two signed heads of one log: whether the larger tree extends the smaller one, or the log signed two histories. */
import {
  base64Decode,
  compareHeads,
  fail,
  HASH_SIZE,
  hexDecode,
  ok,
  parseJson,
  parseVkey,
  proveConsistency,
  type Result,
  TileHashReader,
  treeRoot,
  utf8Decode,
} from '@assent/verifier';
import { arrayOf, digest, integer, named, object, optional, string } from '@assent/verifier/document';
import { proveMisbehaviour, type SignedHead } from '@assent/verifier/misbehaviour';
import { CommandFailure } from '../failure.ts';
import { isObject } from '../http/problem.ts';
import type { LogSource } from '../log-source/log-source.ts';
import type { Pinned } from '../pinned.ts';
import { primitives } from '../primitives.ts';
import {
  conclude,
  type EvidenceCheck,
  type EvidenceReport,
  failed,
  type Head,
  passed,
  skipped,
} from './evidence-report.ts';
import { judgeHead, type UnverifiedHead } from './verify-head.ts';

const EXTENDS = 'The newer tree extends the older one';

/** Where the hashes between two trees come from. Of a log nothing is believed: what it serves fits the heads or does not. */
export type ProofSource =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'log'; readonly source: LogSource }
  | { readonly kind: 'none' };

type Hashes = { readonly proof: readonly Uint8Array[]; readonly fromRoot?: Uint8Array };

/** `misbehaviour` is the text of the document, where the heads contradict each other. */
export async function verifyConsistency(
  older: UnverifiedHead,
  newer: UnverifiedHead,
  from: ProofSource,
  pinned: Pinned,
): Promise<{ readonly report: EvidenceReport; readonly misbehaviour?: string }> {
  const [first, second] = await Promise.all([judgeHead(older, pinned), judgeHead(newer, pinned)]);
  const [{ id: _id, ...olderCheck }] = first.checks as [EvidenceCheck, ...EvidenceCheck[]];
  const checks = [{ id: 'older', ...olderCheck, title: 'The log signed the older tree head' }, ...second.checks];
  const facts = {
    ...(first.isSigned && first.head && { older: first.head }),
    ...(second.head && (second.isSigned ? { log: second.head } : { unverified_log: second.head })),
  };
  if (!first.isSigned || !second.isSigned || first.head === undefined || second.head === undefined) {
    const detail = 'Two heads that the log signed are needed first.';
    return {
      report: conclude(newer.kind, [...checks, skipped('consistency', EXTENDS, 'premise_failed', detail)], '', facts),
    };
  }
  if (first.head.size > second.head.size) {
    const sizes = `the tree of --older has ${first.head.size} entries and this one ${second.head.size}`;
    throw new CommandFailure(
      'usage',
      `${sizes}: pass them the other way round, as a smaller tree cannot extend a larger one`,
    );
  }
  const logKeys = keysOf(pinned, second.head);
  const hashes = await readHashes(from, first.head, second.head);
  if (hashes === undefined) {
    const detail = 'A consistency proof is needed: pass --proof FILE, or --log URL to read it from the log.';
    return {
      report: conclude(newer.kind, [...checks, skipped('consistency', EXTENDS, 'premise_failed', detail)], '', facts),
    };
  }
  if (!hashes.ok)
    return { report: conclude(newer.kind, [...checks, failed('consistency', EXTENDS, hashes)], '', facts) };
  const heads = { older: signedHead(older), newer: signedHead(newer), ...hashes.value };
  const compared = await compareHeads(heads, { logKeys, primitives });
  if (!compared.ok)
    return { report: conclude(newer.kind, [...checks, failed('consistency', EXTENDS, compared)], '', facts) };
  const { relation, detail } = compared.value;
  if (relation === 'consistent') {
    return { report: conclude(newer.kind, [...checks, passed('consistency', EXTENDS, detail)], detail, facts) };
  }
  const shown = await proveMisbehaviour(heads, { logKeys, primitives });
  if (!shown.ok) throw new Error(`a fork that was found cannot be shown: ${shown.detail}`);
  const fork = failed('consistency', EXTENDS, {
    code: 'consistency_mismatch',
    detail: `the log signed two histories. ${detail}`,
  });
  const misbehaviour = { misbehaviour: JSON.parse(shown.value) };
  return {
    report: conclude(newer.kind, [...checks, fork], '', { ...facts, ...misbehaviour }),
    misbehaviour: shown.value,
  };
}

/** Keys of other logs are not asked: an STH, which names none, was judged under the name of the key that signed it. */
function keysOf({ logKeys }: Pinned, { origin }: Head): readonly string[] {
  return logKeys.filter((vkey) => {
    const key = parseVkey(vkey);
    return key.ok && key.value.name === origin;
  });
}

function signedHead({ kind, bytes }: UnverifiedHead): SignedHead {
  const text = utf8Decode(bytes);
  if (!text.ok) throw new Error(`a head that was verified is no text: ${text.detail}`);
  return kind === 'sth' ? { sth: text.value } : { checkpoint: text.value };
}

/** Undefined where a proof is needed and there is none. */
async function readHashes(from: ProofSource, older: Head, newer: Head): Promise<Result<Hashes> | undefined> {
  if (from.kind === 'file') return parseProof(from.bytes, older, newer);
  if (older.size === 0 || older.size >= newer.size) return ok({ proof: [] });
  if (from.kind === 'none') return undefined;
  const { source } = from;
  const reader = new TileHashReader(
    newer.size,
    { readTile: ({ level, index, width }) => source.tile(level, index, width) },
    primitives.sha256,
  );
  const [proof, fromRoot] = await Promise.all([
    proveConsistency(older.size, newer.size, reader, primitives.sha256),
    treeRoot(older.size, reader, primitives.sha256),
  ]);
  return ok({ proof, fromRoot });
}

/**
 * The answer of `get-sth-consistency` (RFC 6962 §4.4) or of our own `api/v1/proofs/consistency`, or a line of base64 for each hash, as in
 * C2SP's formats.
 */
function parseProof(bytes: Uint8Array, older: Head, newer: Head): Result<Hashes> {
  const text = utf8Decode(bytes);
  if (!text.ok) return text;
  if (/^\s*\{/.test(text.value)) return parseProofJson(text.value, older, newer);
  const lines = text.value.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return decodeHashes(lines);
}

function parseProofJson(text: string, older: Head, newer: Head): Result<Hashes> {
  const json = parseJson(text);
  if (!json.ok) return json;
  if (!isObject(json.value)) return fail('wrong_type', 'the proof is no JSON object');
  const { consistency, proof } = json.value;
  if (proof !== undefined) {
    const read = ownProof(json.value);
    if (!read.ok) return named('proof', read);
    const sizes = read.value;
    if (sizes.from === older.size && sizes.to === newer.size) return decodeOwn(sizes);
    const asked = `and the heads have ${older.size} and ${newer.size}`;
    return fail('consistency_mismatch', `the proof is for the sizes ${sizes.from} and ${sizes.to}, ${asked}`);
  }
  if (!Array.isArray(consistency)) return fail('missing_member', 'the proof has no list "consistency" or "proof"');
  if (!consistency.every((hash) => typeof hash === 'string'))
    return fail('wrong_type', 'a hash of the proof is no text');
  return decodeHashes(consistency);
}

const ownProof = object({
  proof: arrayOf(digest),
  from: integer(0, Number.MAX_SAFE_INTEGER),
  to: integer(0, Number.MAX_SAFE_INTEGER),
  from_root: digest,
  to_root: digest,
  checkpoint: optional(string),
});

function decodeOwn({
  proof,
  from_root,
}: {
  readonly proof: readonly string[];
  readonly from_root: string;
}): Result<Hashes> {
  const decode = (text: string) => hexDecode(text.slice('sha256:'.length));
  const fromRoot = decode(from_root);
  if (!fromRoot.ok) return fromRoot;
  const hashes: Uint8Array[] = [];
  for (const text of proof) {
    const hash = decode(text);
    if (!hash.ok) return hash;
    hashes.push(hash.value);
  }
  return ok({ proof: hashes, fromRoot: fromRoot.value });
}

function decodeHashes(texts: readonly string[]): Result<Hashes> {
  const proof: Uint8Array[] = [];
  for (const text of texts) {
    const hash = base64Decode(text);
    if (!hash.ok) return fail(hash.code, 'a hash of the proof is not strict base64');
    if (hash.value.length !== HASH_SIZE) return fail('hash_length', 'a hash of the proof is not 32 bytes');
    proof.push(hash.value);
  }
  return ok({ proof });
}
