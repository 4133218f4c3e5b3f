/** What `append` sends, and how it is judged before it is sent and after. */
import {
  canonicalJson,
  checkContent,
  type EntryKind,
  type Json,
  parseEntry,
  parseReceipt,
  parseVkey,
  utf8Encode,
} from '@assent/verifier';
import { failedChecks } from './check-receipt.ts';
import { CommandFailure } from './failure.ts';
import type { Opening } from './opening.ts';

/** `content` is an envelope, of an approval unless `kind` says otherwise; `revealed` the intent that becomes public with it, `sealed` what is shown in their place. */
export type Submission = {
  readonly kind?: EntryKind;
  readonly content: Json;
  readonly revealed?: Json;
  /** Public, whatever the API key's default. */
  readonly open?: true;
  readonly sealed?: { readonly opening: Opening; readonly blind: boolean };
};

/** The body of `POST /api/v1/entries`. Where nothing was chosen, the visibility is the API key's default. */
export function submissionJson({ kind = 'approval', content, revealed, open, sealed }: Submission): Json {
  if (sealed !== undefined) {
    const { salt, sealed: commitment } = sealed.opening;
    return sealed.blind ? { kind, sealed: commitment } : { kind, visibility: 'sealed', content, salt };
  }
  if (revealed !== undefined) return { kind, content, visibility: 'revealed', intent: revealed };
  return { kind, content, ...(open && { visibility: 'open' }) };
}

/**
 * The log's own checks, made before anything leaves the machine: what is logged stays public for ever.
 *
 * @param intent the caller's, whether it is revealed or not.
 * @param logKeys of the log that it goes to, and for which it has to be made.
 */
export async function checkSubmission(
  { kind = 'approval', content }: Submission,
  intent: Json | undefined,
  logKeys: readonly string[],
): Promise<void> {
  const origin = originOf(logKeys);
  const { content: matter, signatures } = await checkContent({
    kind,
    content,
    ...(intent !== undefined && { intent }),
    ...(origin !== undefined && { origin }),
  });
  const checks = failedChecks([matter, signatures]);
  if (checks.length > 0)
    throw new CommandFailure('evidence_refused', 'nothing was sent: the evidence does not hold', { checks });
}

/** Undefined when keys of several logs are pinned: the log will then say whether it is the one that the statement names. */
function originOf(logKeys: readonly string[]): string | undefined {
  const origins = new Set(logKeys.map((vkey) => parseVkey(vkey)).map((key) => (key.ok ? key.value.name : undefined)));
  return origins.size === 1 ? [...origins][0] : undefined;
}

/** Whether the entry in this receipt holds what was sent, all of it and nothing else. The receipt was verified. */
export function holdsSubmission(
  receiptBytes: Uint8Array,
  { kind: sent = 'approval', content, revealed, sealed }: Submission,
): boolean {
  const receipt = parseReceipt(receiptBytes);
  const entry = receipt.ok ? parseEntry(utf8Encode(receipt.value.entry)) : receipt;
  if (!entry.ok) return false;
  if (!('content' in entry.value)) return entry.value.sealed === sealed?.opening.sealed;
  if (sealed !== undefined) return false;
  const { kind, content: logged, reveal } = entry.value;
  if (kind !== sent || canonicalJson(logged) !== canonicalJson(content)) return false;
  if (revealed === undefined || reveal === undefined) return revealed === reveal;
  return canonicalJson(reveal.intent) === canonicalJson(revealed);
}
