/**
 * Keys for evidence that was kept, where the user pins none. A log changes its key now and then, and what only the old one signed
 * must not read as forged from then on: {@link checkRetiredKey} says when it counts.
 */
import {
  checkRetiredKey,
  parseReceipt,
  parseTlogProof,
  proveConsistency,
  type Result,
  TileHashReader,
  type UnverifiedGrowth,
  utf8Decode,
  utf8Encode,
} from '@assent/verifier';
import type { EvidenceKind } from './commands/verify.ts';
import { CommandFailure } from './failure.ts';
import type { LogClient } from './http/log-client.ts';
import { tilesOfLog } from './log-source/authentic-tiles.ts';
import { openLogSource } from './log-source/log-source.ts';
import { openSignedHead, type TreeHead } from './log-source/signed-head.ts';
import { type Pinned, withLogKeys, withRetiredKeys } from './pinned.ts';
import { primitives } from './primitives.ts';
import { say } from './terminal/output.ts';

const ATTEMPTS = 3;
const TILE_READS = 8;

/**
 * The user's keys; else those that the log names, with the retired one that signed this evidence.
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
  const keys = { logKeys: trusted.logKeys, retired: retiredKeys, primitives };
  const counting = new Set<string>();
  // Each head by itself: a key that counts for one must not make another one pass, as that of a use made up by a thief.
  for (const checkpoint of checkpointsIn(kind, unverified)) {
    const by = await checkRetiredKey(checkpoint, keys, (kept) => growthOf(kept, trusted, client));
    if (!by.ok) {
      const message = `its tree head is by a key that the log says it has replaced, and ${by.detail} (${by.code}): the log shows another history than it did, or somebody else signs with that key. It counts for nothing`;
      throw new CommandFailure('forked', message);
    }
    if (by.value === undefined || counting.has(by.value.vkey)) continue;
    const { vkey, until } = by.value;
    say(
      `its tree head is by a key that the log says it retired on ${until} (${vkey}). The log's head of now extends it.`,
    );
    counting.add(vkey);
  }
  return counting.size === 0 ? trusted : { ...trusted, logKeys: [...trusted.logKeys, ...counting] };
}

/** Whether witnesses have seen the head of now is another question. */
async function growthOf(kept: TreeHead, { logKeys }: Pinned, client: LogClient): Promise<UnverifiedGrowth | undefined> {
  const { signal } = new AbortController();
  const options = { timeoutMs: client.timeoutMs, concurrency: TILE_READS, attempts: ATTEMPTS, signal };
  const source = await openLogSource(client.address, options);
  try {
    const now = await openSignedHead(await source.checkpoint(), source.name, { logKeys }, primitives);
    if (kept.size > now.size) return undefined;
    const reader = new TileHashReader(now.size, tilesOfLog(source, now, primitives.sha256), primitives.sha256);
    const proof = await proveConsistency(kept.size, now.size, reader, primitives.sha256);
    return { checkpoint: now.checkpoint, proof };
  } finally {
    await source.close();
  }
}

/** What its log signed, and what it signed of the use that a receipt brings along. */
export function checkpointsIn(kind: EvidenceKind, bytes: Uint8Array): (string | Uint8Array)[] {
  const receipt = kind === 'receipt' ? parseReceipt(bytes) : undefined;
  const use = receipt?.ok ? receipt.value.consumption : undefined;
  const ofUse = use === undefined ? undefined : checkpointIn('receipt', utf8Encode(JSON.stringify(use)));
  return [checkpointIn(kind, bytes), ofUse].filter((checkpoint) => checkpoint !== undefined);
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
