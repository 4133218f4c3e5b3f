/**
 * Since when a head is known to have been the newest. A checkpoint does not say: the witnesses that cosigned it do, or, where none are
 * asked for, the log's own RFC 6962 tree head, which it signs anew when it is idle.
 */
import { equalBytes, type Primitives, parseVkey, utf8Decode, verifySignedTreeHead } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import type { SignedHead } from '../log-source/signed-head.ts';
import type { StaticFiles } from '../log-source/static-files.ts';
import type { Pinned } from '../pinned.ts';

const MAX_STH_BYTES = 4096;

export type Freshness =
  /** Milliseconds; undefined where nobody says. */
  | { readonly at: number | undefined }
  /** Its two heads of one size have two roots. */
  | { readonly sth: string; readonly root: Uint8Array };

export async function readFreshness(
  head: SignedHead,
  files: StaticFiles,
  { logKeys }: Pinned,
  primitives: Primitives,
): Promise<Freshness> {
  if (head.witnesses.seenBy !== undefined) return { at: head.witnesses.seenBy };
  const bytes = await files.read('ct/v1/get-sth', MAX_STH_BYTES).catch((error: unknown) => {
    // Other logs have none, and answer all sorts of things. An outage shows at the checkpoint.
    if (error instanceof CommandFailure && error.kind !== 'interrupted') return 'absent' as const;
    throw error;
  });
  const sth = typeof bytes === 'string' ? undefined : utf8Decode(bytes);
  if (!sth?.ok) return { at: undefined };
  for (const vkey of logKeys) {
    const key = parseVkey(vkey);
    if (!key.ok || key.value.name !== head.origin) continue;
    const signed = await verifySignedTreeHead(sth.value, key.value.publicKey, primitives);
    if (!signed.ok) continue;
    const { size, root, timestamp } = signed.value;
    if (size === head.size && !equalBytes(root, head.root)) return { sth: sth.value, root };
    return { at: timestamp };
  }
  return { at: undefined };
}
