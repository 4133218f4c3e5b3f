/** The head that a log serves: whose it is, whether the log signed it, and who else saw it. */
import { type HeadFacts, hexDecode, verifyCheckpoint, type WitnessFacts } from '@assent/verifier';
import { otherSigners } from '../other-signers.ts';
import type { Pinned } from '../pinned.ts';
import type { Finding, FindingCode } from './findings.ts';
import { nativePrimitives } from './native-primitives.ts';

export type AuditedHead = {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Verbatim, with cosignatures. */
  readonly checkpoint: string;
  /** False where no key was given: then nobody knows who made it. */
  readonly isSigned: boolean;
  readonly witnesses: WitnessFacts['witnesses'];
  /** When the quorum was reached; absent without one. */
  readonly seenBy?: string;
  /** Of the head that the quorum cosigned, where that is an earlier one. */
  readonly witnessedSize?: number;
  /** What the quorum lacks, in words. */
  readonly missing?: string;
};

export type ReadHead = { readonly head: AuditedHead } | { readonly finding: Finding };

const NOT_SIGNED = ['note_signature_invalid', 'log_signature_missing', 'unsupported'];

/** @param pinned keys of the log, and whose cosignatures are asked for */
export async function readHead(checkpoint: string, pinned: Pinned): Promise<ReadHead> {
  const {
    checks,
    log,
    unverified_log: unverified,
  } = await verifyCheckpoint(checkpoint, {
    ...pinned,
    primitives: nativePrimitives,
  });
  const signed = checks.find(({ id }) => id === 'checkpoint');
  const witnessed = checks.find(({ id }) => id === 'witnesses');
  const facts: HeadFacts | undefined = log ?? unverified;
  const root = facts && hexDecode(facts.root.slice('sha256:'.length));
  if (facts === undefined || !root?.ok || (signed?.status !== 'pass' && signed?.code !== 'no_log_key')) {
    const { code = 'checkpoint_malformed', detail = 'it is none', expected, computed } = signed ?? {};
    const values = { ...(expected !== undefined && { expected }), ...(computed !== undefined && { computed }) };
    const words = `${detail}${otherSigners(checkpoint, pinned.logKeys)}`;
    return { finding: { code: findingOf(code), detail: words, because: code, ...values } };
  }
  return {
    head: {
      origin: facts.origin,
      size: facts.size,
      root: root.value,
      checkpoint,
      isSigned: log !== undefined,
      witnesses: log?.witnesses ?? [],
      ...(log?.seen_by !== undefined && { seenBy: log.seen_by }),
      ...(witnessed?.code === 'quorum_not_reached' && { missing: witnessed.detail }),
    },
  };
}

/**
 * With the witnesses of an earlier head where this one lacks some: of a busy log the newest head is hardly ever cosigned yet.
 *
 * @returns also that earlier head, of which nothing is known so far but that the log and its witnesses signed it
 */
export async function withWitnesses(
  head: AuditedHead,
  cosigned: string | undefined,
  pinned: Pinned,
): Promise<{ readonly head: AuditedHead; readonly cosigned?: AuditedHead }> {
  const read = cosigned === undefined ? undefined : await readHead(cosigned, pinned);
  if (read === undefined || !('head' in read)) return { head };
  const earlier = read.head;
  if (earlier.origin !== head.origin || earlier.missing !== undefined || earlier.seenBy === undefined) return { head };
  const { missing: _, ...rest } = head;
  const { witnesses, seenBy, size: witnessedSize } = earlier;
  return { head: { ...rest, witnesses, seenBy, witnessedSize }, cosigned: earlier };
}

function findingOf(code: string): FindingCode {
  if (code === 'origin_mismatch') return 'head_other_log';
  return NOT_SIGNED.includes(code) ? 'head_signature' : 'head_malformed';
}
