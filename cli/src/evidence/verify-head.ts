/** One signed head: a checkpoint, or the STH of RFC 6962. */
import { formatTime, hexEncode, parseVkey, utf8Decode, verifyCheckpoint, verifySignedTreeHead } from '@assent/verifier';
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

export type HeadKind = 'checkpoint' | 'sth';
export type UnverifiedHead = { readonly kind: HeadKind; readonly bytes: Uint8Array };

/** What holds of a head. Whoever reads `head` looks at the checks first. */
export type JudgedHead = {
  readonly checks: readonly EvidenceCheck[];
  readonly isSigned: boolean;
  readonly head?: Head;
};

const SIGNED = 'The log signed this tree head';

export async function verifyHead(unverified: UnverifiedHead, pinned: Pinned): Promise<EvidenceReport> {
  const { checks, isSigned, head } = await judgeHead(unverified, pinned);
  const facts = head === undefined ? {} : isSigned ? { log: head } : { unverified_log: head };
  return conclude(unverified.kind, checks, head === undefined ? '' : headSummary(head), facts);
}

export function headSummary({ origin, size, timestamp, seen_by }: Head): string {
  const when = timestamp === undefined ? '' : ` at ${timestamp}`;
  const seen = seen_by === undefined ? '' : `, and a quorum of witnesses had seen it at ${seen_by}`;
  return `${origin} signed a tree of ${size} ${size === 1 ? 'entry' : 'entries'}${when}${seen}.`;
}

export async function judgeHead({ kind, bytes }: UnverifiedHead, pinned: Pinned): Promise<JudgedHead> {
  if (kind === 'sth') return judgeTreeHead(bytes, pinned);
  const report = await verifyCheckpoint(bytes, { ...pinned, primitives });
  const head = report.log ?? report.unverified_log;
  return { checks: report.checks, isSigned: report.log !== undefined, ...(head && { head }) };
}

/** An STH names neither its log nor the key that signed it, and nobody cosigns it. */
async function judgeTreeHead(bytes: Uint8Array, { logKeys, logPolicy }: Pinned): Promise<JudgedHead> {
  const text = utf8Decode(bytes);
  if (!text.ok) return { checks: [failed('checkpoint', SIGNED, text)], isSigned: false };
  if (logKeys.length === 0) {
    const detail = 'The key of the log is needed; an STH does not say whose it is.';
    return { checks: [skipped('checkpoint', SIGNED, 'no_log_key', detail)], isSigned: false };
  }
  const results = await Promise.all(
    logKeys.map(async (vkey) => {
      const key = parseVkey(vkey);
      if (!key.ok) throw new TypeError(`logKeys: ${key.detail}`);
      return {
        name: key.value.name,
        verified: await verifySignedTreeHead(text.value, key.value.publicKey, primitives),
      };
    }),
  );
  const { name, verified } = results.find((result) => result.verified.ok) ?? results[0]!;
  if (!verified.ok) return { checks: [failed('checkpoint', SIGNED, verified)], isSigned: false };
  const { size, root, timestamp } = verified.value;
  const head = { origin: name, size, root: `sha256:${hexEncode(root)}`, timestamp: formatTime(timestamp) };
  const checks = [passed('checkpoint', SIGNED, `${name} signed this tree head.`)];
  if (logPolicy !== undefined && logPolicy.quorum !== 'none') {
    const detail = 'Witnesses cosign checkpoints and no STHs: verify the checkpoint of this tree as well.';
    checks.push(skipped('witnesses', 'Enough witnesses saw this tree head', 'quorum_not_reached', detail));
  }
  return { checks, isSigned: true, head };
}
