/**
 * Keys for evidence that was kept, where the user pins none. A log changes its key now and then, and what only the old one signed
 * must not read as forged from then on. But whoever has got hold of a key that the log retired can sign with it as well: a head
 * that no key of now has signed counts only if the log's head of now, by a key of now, extends it.
 */
import {
  parseCheckpoint,
  parseNote,
  parseReceipt,
  parseTlogProof,
  parseVkey,
  type Result,
  utf8Decode,
} from '@assent/verifier';
import type { EvidenceKind } from './commands/verify.ts';
import { CommandFailure } from './failure.ts';
import type { LogClient, RetiredKey } from './http/log-client.ts';
import { tilesOfLog } from './log-source/authentic-tiles.ts';
import { compareTrees } from './log-source/compare-trees.ts';
import { openLogSource } from './log-source/log-source.ts';
import { openSignedHead, type TreeHead } from './log-source/signed-head.ts';
import { type Pinned, withLogKeys, withRetiredKeys } from './pinned.ts';
import { primitives } from './primitives.ts';
import { say } from './terminal/output.ts';

const ATTEMPTS = 3;
const TILE_READS = 8;

type KeptHead = TreeHead & { readonly by: RetiredKey };

/**
 * The user's keys; else those that the log names, with the retired ones that signed this evidence.
 *
 * @throws CommandFailure `forked` where the head of now does not extend what a retired key signed
 */
export async function withKeysOf(
  pinned: Pinned,
  client: LogClient | undefined,
  kind: EvidenceKind,
  unverified: Uint8Array,
): Promise<Pinned> {
  const { retiredKeys = [], ...trusted } = await withLogKeys(pinned, client);
  if (client === undefined || retiredKeys.length === 0) return trusted;
  // It is about two heads, and a log answers for whatever it signed.
  if (kind === 'misbehaviour') return withRetiredKeys({ ...trusted, retiredKeys });
  const checkpoint = checkpointIn(kind, unverified);
  const kept = checkpoint === undefined ? undefined : readKept(checkpoint, trusted.logKeys, retiredKeys);
  if (kept === undefined) return trusted;
  await refuseUnlessExtended(kept, trusted, client);
  return { ...trusted, logKeys: [...trusted.logKeys, kept.by.vkey] };
}

async function refuseUnlessExtended({ by, ...kept }: KeptHead, { logKeys }: Pinned, client: LogClient): Promise<void> {
  const { signal } = new AbortController();
  const options = { timeoutMs: client.timeoutMs, concurrency: TILE_READS, attempts: ATTEMPTS, signal };
  const source = await openLogSource(client.address, options);
  try {
    // Whether witnesses have seen that one is another question.
    const now = await openSignedHead(await source.checkpoint(), source.name, { logKeys }, primitives);
    const tiles = tilesOfLog(source, now, primitives.sha256);
    const isExtended =
      kept.size <= now.size && (await compareTrees(kept, now, tiles, primitives.sha256)).relation === 'consistent';
    const signer = `a key that the log says it retired on ${by.until} (${by.vkey})`;
    if (!isExtended) {
      const message = `its tree head, of size ${kept.size}, is by ${signer}, and the head of now, of size ${now.size}, does not extend it: the log shows another history than it did, or somebody else signs with that key. It counts for nothing`;
      throw new CommandFailure('forked', message);
    }
    say(`its tree head, of size ${kept.size}, is by ${signer}. The log's head of now extends it.`);
  } finally {
    await source.close();
  }
}

/** What its log signed, unread: nothing where there is no telling, which whoever judges it will say. */
export function checkpointIn(kind: EvidenceKind, bytes: Uint8Array): string | Uint8Array | undefined {
  if (kind === 'checkpoint') return bytes;
  const text = kind === 'receipt' ? proofIn(bytes) : utf8Decode(bytes);
  const proof = text.ok ? parseTlogProof(text.value) : text;
  return proof.ok ? proof.value.checkpoint : undefined;
}

function proofIn(bytes: Uint8Array): Result<string> {
  const receipt = parseReceipt(bytes);
  return receipt.ok ? { ok: true, value: receipt.value.proof } : receipt;
}

/** Undefined unless a retired key's name and id stand under it, and those of no key of now. Its signature is judged elsewhere. */
function readKept(
  checkpoint: string | Uint8Array,
  vkeys: readonly string[],
  retired: readonly RetiredKey[],
): KeptHead | undefined {
  const note = parseNote(checkpoint);
  const head = note.ok ? parseCheckpoint(note.value.text) : note;
  if (!note.ok || !head.ok) return undefined;
  const isBy = (vkey: string): boolean => {
    const key = parseVkey(vkey);
    return (
      key.ok && note.value.signatures.some(({ name, keyId }) => name === key.value.name && keyId === key.value.keyId)
    );
  };
  const by = retired.find(({ vkey }) => isBy(vkey));
  return by === undefined || vkeys.some(isBy) ? undefined : { size: head.value.size, root: head.value.root, by };
}
