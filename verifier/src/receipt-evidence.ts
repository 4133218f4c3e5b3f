/**
 * The seven evidence checks of a receipt (formats.md §11), whoever asks: the receipt of an approval and the receipt of its
 * consumption are judged by the same code.
 */
import { utf8Encode } from './bytes.ts';
import { type ContentEvidence, checkContentSoon } from './content.ts';
import { checkDisclosures, openContent } from './disclosures.ts';
import { type Entry, parseEntry } from './entry.ts';
import { checkLogEvidence, type LogEvidence, readLogProof } from './log-evidence.ts';
import type { PinnedLogs } from './pinned-logs.ts';
import type { Primitives } from './primitives.ts';
import type { Receipt } from './receipt.ts';
import { type Check, failed, passed, skipped } from './report.ts';
import { ok, type Result } from './result.ts';

export type ReceiptEvidence = {
  /** All seven, in the report's order. */
  readonly checks: readonly Check[];
  readonly entry: Result<Entry>;
  readonly log: LogEvidence;
  readonly content: ContentEvidence;
  /** Milliseconds, the log's clock; only where a tree that the log signed shows that it was logged. */
  readonly loggedAt?: number;
};

/** Never rejects for bad evidence. */
export async function judgeEvidence(
  receipt: Receipt,
  pinned: PinnedLogs,
  primitives: Primitives,
): Promise<ReceiptEvidence> {
  const entryBytes = utf8Encode(receipt.entry);
  const entry = parseEntry(entryBytes);
  const logProof = readLogProof(receipt.proof);
  // Both wait for signatures, which another thread verifies where there is one.
  const [log, content] = await Promise.all([
    checkLogEvidence(entryBytes, logProof, pinned, primitives),
    contentEvidence(entry, receipt, logProof.origin, primitives),
  ]);
  const checks = [
    checkFrame(receipt, entry),
    checkEntry(entry),
    log.inclusion,
    log.checkpoint,
    log.witnesses,
    content.content,
    content.signatures,
  ];
  const logged = log.inclusion.status === 'pass' && log.checkpoint.status === 'pass';
  return { checks, entry, log, content, ...(entry.ok && logged && { loggedAt: entry.value.loggedAt }) };
}

function checkFrame({ disclosures }: Receipt, entry: Result<Entry>): Check {
  const disclosed = entry.ok ? checkDisclosures(entry.value, disclosures) : ok(undefined);
  return disclosed.ok
    ? passed('receipt', 'Its members are all there and of the right form.')
    : failed('receipt', disclosed);
}

function checkEntry(entry: Result<Entry>): Check {
  if (entry.ok) return passed('entry', `It is of kind ${entry.value.kind}, in its canonical form.`);
  return entry.code === 'unsupported' ? skipped('entry', 'unsupported', `${entry.detail}.`) : failed('entry', entry);
}

async function contentEvidence(
  entry: Result<Entry>,
  { disclosures, policy }: Receipt,
  origin: string | undefined,
  primitives: Primitives,
): Promise<ContentEvidence> {
  if (!entry.ok) {
    return entry.code === 'unsupported'
      ? unmade('unsupported', 'An entry of a type that this version knows is needed.')
      : unmade('premise_failed', 'An entry that can be read is needed.');
  }
  const opened = openContent(entry.value, disclosures, primitives.sha256);
  if ('unopened' in opened) return withoutContent(opened.unopened);
  const { kind } = entry.value;
  const reveal = 'content' in entry.value ? entry.value.reveal : undefined;
  const disclosed = {
    ...(disclosures?.intent && { intent: disclosures.intent }),
    ...(disclosures?.display !== undefined && { display: disclosures.display }),
    ...(policy && { policy }),
  };
  return checkContentSoon(
    {
      kind,
      content: opened.content,
      disclosed,
      ...(reveal && { intent: reveal.intent }),
      ...(origin !== undefined && { origin }),
    },
    primitives,
  );
}

function unmade(code: 'unsupported' | 'premise_failed', detail: string): ContentEvidence {
  return { content: skipped('content', code, detail), signatures: skipped('signatures', code, detail) };
}

function withoutContent(content: Check): ContentEvidence {
  const { status, code = 'premise_failed', detail } = content;
  return status === 'skip'
    ? { content, signatures: skipped('signatures', code, detail) }
    : { content, signatures: skipped('signatures', 'premise_failed', 'The content that was sealed is needed first.') };
}
