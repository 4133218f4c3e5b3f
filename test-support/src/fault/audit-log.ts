import { createHash } from 'node:crypto';
import { verifyReceipt } from '@assent/verifier';
import { AuditFailure, type Finding, type FindingKind } from './audit-failure.ts';
import { type DownloadedLog, downloadLog } from './download-log.ts';
import type { Ledger } from './ledger.ts';
import { openCheckpoint } from './plain-formats.ts';
import { PlainTree } from './plain-tree.ts';
import type { RunParameters } from './run-parameters.ts';

export type AuditOptions = {
  readonly url: string;
  readonly vkey: string;
  readonly ledger: Ledger;
  /** Printed with the result. */
  readonly run: RunParameters;
};

export type AuditResult = {
  readonly size: number;
  /** How many records the log said it holds, and how many of them it holds. */
  readonly acknowledged: number;
  readonly recovered: number;
  /** Different checkpoints that were handed out. */
  readonly heads: number;
};

type Report = (kind: FindingKind, detail: string) => void;

/**
 * Judges a log by what it serves and by what the ledger remembers. It trusts the log's key and nothing else; receipts are
 * verified by the verifier that users have, and everything else is recomputed here from the entries' bytes.
 *
 * Prints one line: seed, rounds, acknowledged, recovered, heads seen.
 *
 * @throws {AuditFailure} that names what was lost, forked or damaged
 * @throws {Error} if the log does not serve what it must
 */
export async function auditLog({ url, vkey, ledger, run }: AuditOptions): Promise<AuditResult> {
  const findings: Finding[] = ledger.contradictions.map((detail) => ({ kind: 'contradiction', detail }));
  const report: Report = (kind, detail) => void findings.push({ kind, detail });
  const log = await downloadLog(url, vkey);
  ledger.seeCheckpoint(log.note, url);
  const tree = new PlainTree(log.entries);
  checkTree(log, tree, report);
  checkEntries(log.entries, report);
  const recovered = await checkAcknowledged(ledger, vkey, log.entries, report);
  checkHeads(ledger, vkey, tree, report);

  const result = {
    size: log.checkpoint.size,
    acknowledged: ledger.acknowledged.size,
    recovered,
    heads: ledger.checkpoints.size,
  };
  const line = `seed ${run.seed}, rounds ${run.rounds}, acknowledged ${result.acknowledged}, recovered ${recovered}, heads seen ${result.heads}`;
  console.log(line);
  if (findings.length > 0) throw new AuditFailure(line, findings);
  return result;
}

function checkTree({ checkpoint, tiles }: DownloadedLog, tree: PlainTree, report: Report): void {
  const root = tree.root().toString('base64');
  if (root !== checkpoint.root) {
    report('damaged', `the served entries give the root ${root}, the checkpoint says ${checkpoint.root}`);
  }
  for (const { level, index, width, hashes } of tiles) {
    if (!hashes.equals(tree.tile(level, index, width))) {
      report('damaged', `tile ${level}/${index} of width ${width} is not what the entries give`);
    }
  }
}

function checkEntries(entries: readonly Buffer[], report: Report): void {
  const seen = new Map<string, number>();
  let newest = 0;
  entries.forEach((bytes, index) => {
    const { logged_at: loggedAt, content, sealed } = JSON.parse(bytes.toString('utf8'));
    // A sealed entry shows its commitment alone, which is in the log once as well.
    const digest = sealed ?? createHash('sha256').update(Buffer.from(content.payload, 'base64')).digest('hex');
    const earlier = seen.get(digest);
    if (earlier !== undefined) report('duplicate', `entries ${earlier} and ${index} hold the statement ${digest}`);
    seen.set(digest, index);
    if (!(loggedAt >= newest)) report('time', `entry ${index} was logged at ${loggedAt}, the one before at ${newest}`);
    newest = loggedAt;
  });
}

/** Every checkpoint that anyone was given must be a head of this one history: then each pair of them is consistent. */
function checkHeads(ledger: Ledger, vkey: string, tree: PlainTree, report: Report): void {
  for (const [note, from] of ledger.checkpoints) {
    const { size, root } = openCheckpoint(note, vkey);
    if (size > tree.size) {
      report('lost', `${from} handed out a signed head of size ${size}, and the log ends at ${tree.size}`);
    } else if (tree.root(size).toString('base64') !== root) {
      const computed = tree.root(size).toString('base64');
      report('forked', `${from} handed out a signed head of size ${size} with root ${root}; here it is ${computed}`);
    }
  }
}

async function checkAcknowledged(
  ledger: Ledger,
  vkey: string,
  entries: readonly Buffer[],
  report: Report,
): Promise<number> {
  let recovered = 0;
  for (const { digest, index, entry, receipts, created } of ledger.acknowledged.values()) {
    if (index >= entries.length) {
      report('lost', `entry ${index} (${digest}) was acknowledged, and the log ends at ${entries.length}`);
    } else if (!entries[index]!.equals(Buffer.from(entry))) {
      report('lost', `entry ${index} (${digest}) was acknowledged, and another entry is in its place`);
    } else {
      recovered++;
    }
    // An attempt without an answer may have been the one that created it.
    if (created > 1 || (created === 0 && !ledger.uncertain.has(digest))) {
      report('duplicate', `${digest} was answered 201 ${created} times`);
    }
    for (const receipt of new Set(receipts)) {
      const { verdict, summary, approval } = await verifyReceipt(receipt, { logKeys: [vkey] });
      // `refused` is a rejection whose evidence holds.
      if (verdict === 'invalid' || verdict === 'incomplete') {
        report('unproven', `the receipt for entry ${index} (${digest}) is ${verdict}: ${summary}`);
      } else if (approval?.statement_digest !== digest) {
        report('unproven', `the receipt for ${digest} is that of ${approval?.statement_digest}`);
      }
    }
  }
  return recovered;
}
