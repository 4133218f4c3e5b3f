import { base64Decode, type Check, hexEncode, type Report } from '@assent/verifier';
import { CHECK, CHECKS, CONFIRMED, USED } from '../../words/checks.ts';
import { BY_SYSTEM, USED_UNPROVEN } from '../../words/receipts.ts';
import { inPlainWords, isUse } from './checks-view.ts';
import { type Child, digest, element, facts, more, said, saidInBrief } from './dom.ts';
import type { Use } from './timeline-view.ts';
import { dayOf, timeView } from './times.ts';

/** What stands in a check: what was found and that in plain words, the two values where two were compared, what it proves and what not. */
export function checkParts(
  check: Check,
  report: Report,
  { use, hasProof }: { readonly use: Use; readonly hasProof: boolean },
): Child[] {
  const { id, status, detail, code, expected, computed } = check;
  const { proves, leaves } = CHECKS[id];
  const isUsed = isUse(check, use);
  const found = foundOut(check, report, use);
  const finding = element('p', {}, ...(found ?? [said(sentence(detail))]));
  const values =
    (expected !== undefined || computed !== undefined || (code !== undefined && !isUsed)) &&
    facts('facts well', [
      expected === undefined ? undefined : [CHECK.expected, compared(expected)],
      computed === undefined ? undefined : [CHECK.computed, compared(computed)],
      code === undefined ? undefined : [CHECK.code, element('code', {}, code)],
    ]);
  return [
    // A failed one says so already.
    code !== undefined && status !== 'fail' && found === undefined && inPlainWords(check),
    // Of two actions that differ the words above say all that the finding does.
    ...(code === 'intent_mismatch' ? [more(CHECK.compared, finding, values)] : [finding, values]),
    !isUsed &&
      facts('facts pair', [
        [hasProof ? CHECK.proves : CHECK.wouldProve, proves],
        [CHECK.leaves, leaves],
      ]),
  ];
}

/** Hashes as they stand everywhere on the page; the report has those of a tree as its proof has them, in base64. */
function compared(value: string): HTMLElement {
  const hash = /^[\w+/]{43}=$/.test(value) ? base64Decode(value) : undefined;
  return digest(hash?.ok ? hexEncode(hash.value) : value);
}

/** What this page says better: times as people read them; and the use, which it knows of, and the check, a gate's, did not look at. */
function foundOut({ id, status }: Check, { log }: Report, use: Use): Child[] | undefined {
  if (id === 'witnesses' && log?.seen_by !== undefined) {
    const names = log.witnesses.map(({ name }) => name).join(', ');
    return [CONFIRMED.by, saidInBrief(names, 200), CONFIRMED.enough, timeView(log.seen_by), '.'];
  }
  if (id !== 'use' || status !== 'skip') return undefined;
  if (use.kind === 'used') return [USED.on + dayOf(use.at) + BY_SYSTEM, saidInBrief(use.boundary, 80), USED.proven];
  return use.kind === 'claimed' ? [USED_UNPROVEN] : undefined;
}

/** Details begin in lower case where they name a member ("entry.kind is …"): those stay as they are. */
function sentence(detail: string): string {
  const start = /^[a-z]+ /.test(detail) ? detail.charAt(0).toUpperCase() + detail.slice(1) : detail;
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
