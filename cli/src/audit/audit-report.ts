/** What an audit comes to, for programs (`assent/audit/v1`); the reports for people are made from it. */
import { formatTime, hexEncode } from '@assent/verifier';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { countOf } from '../terminal/count-of.ts';
import { type AuditCheck, type AuditCheckId, auditChecks } from './audit-checks.ts';
import type { AuditedHead } from './audited-head.ts';
import type { Counters } from './counters.ts';
import { COUNTERS } from './counters.ts';
import type { Finding, Findings } from './findings.ts';
import type { GrowthPoint } from './growth.ts';
import type { NotChecked } from './not-checked.ts';

export const AUDIT_TYPE = 'assent/audit/v1';

export type AuditVerdict = 'clean' | 'findings' | 'incomplete';

export type AuditReport = {
  readonly type: typeof AUDIT_TYPE;
  readonly verdict: AuditVerdict;
  /** One sentence. */
  readonly summary: string;
  /** URL or folder. */
  readonly source: string;
  readonly audited_at: string;
  readonly head?: {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    /** By a key that was given, or that the log gave. */
    readonly signed: boolean;
    readonly witnesses: readonly { readonly name: string; readonly time: string }[];
    readonly seen_by?: string;
    /** How many entries the head had that these witnesses cosigned, where it is an earlier one. */
    readonly witnessed_size?: number;
    readonly checkpoint: string;
  };
  /** Entries that were audited; `from` is above 0 where an earlier audit had done the ones before. */
  readonly audited: {
    readonly from: number;
    readonly size: number;
    readonly first_logged_at?: string;
    readonly last_logged_at?: string;
  };
  /** Other signed heads, and whether they are of the same tree. */
  readonly compared_heads: readonly {
    readonly size: number;
    readonly from: string;
    readonly relation: 'consistent' | 'fork' | 'unknown';
  }[];
  readonly checks: readonly AuditCheck[];
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: {
    readonly total: number;
    readonly by_code: Readonly<Record<string, number>>;
    /** The first 1,000. */
    readonly listed: readonly Finding[];
  };
  readonly not_checked: readonly NotChecked[];
  readonly growth: readonly { readonly time?: string; readonly entries: number; readonly failures: number }[];
  readonly seconds: number;
  readonly state?: string;
};

export type AuditOutcome = {
  readonly source: string;
  readonly now: number;
  readonly head: AuditedHead | undefined;
  readonly audited: {
    readonly from: number;
    readonly size: number;
    readonly firstTime: number;
    readonly lastTime: number;
  };
  readonly compared: AuditReport['compared_heads'];
  readonly counters: Counters;
  readonly findings: Findings;
  readonly notChecked: readonly NotChecked[];
  readonly growth: readonly GrowthPoint[];
  readonly hasTrustRoot: boolean;
  readonly elapsed: number;
  readonly state: string | undefined;
};

export function auditReport(outcome: AuditOutcome): AuditReport {
  const { source, now, head, audited, compared, counters, findings, notChecked, growth, elapsed, state } = outcome;
  const verdict = verdictOf(findings, notChecked);
  return {
    type: AUDIT_TYPE,
    verdict,
    summary: summaryOf(verdict, outcome),
    source,
    audited_at: formatTime(now),
    ...(head && { head: headFacts(head) }),
    audited: {
      from: audited.from,
      size: audited.size,
      ...(audited.firstTime >= 0 && { first_logged_at: formatTime(audited.firstTime) }),
      ...(audited.lastTime >= 0 && { last_logged_at: formatTime(audited.lastTime) }),
    },
    compared_heads: compared,
    checks: auditChecks(
      (code) => findings.count(code),
      (id) => isMade(id, outcome),
    ),
    counts: Object.fromEntries(COUNTERS.map((name) => [name, counters.get(name)])),
    findings: { total: findings.total, by_code: Object.fromEntries(findings.counts), listed: findings.list },
    not_checked: notChecked,
    growth: growth.map(({ time, entries, failures }) => ({
      ...(time >= 0 && { time: formatTime(time) }),
      entries,
      failures,
    })),
    seconds: Math.round(elapsed) / 1000,
    ...(state !== undefined && { state }),
  };
}

export function exitCodeOfAudit({ verdict }: Pick<AuditReport, 'verdict'>): ExitCode {
  return { clean: EXIT.ok, findings: EXIT.bad, incomplete: EXIT.usage }[verdict];
}

/** A check that could not be made whole is made only where it failed. */
function isMade(id: AuditCheckId, { head, compared, notChecked, hasTrustRoot }: AuditOutcome): boolean {
  if (head === undefined) return false;
  const lacks = (...codes: readonly NotChecked['code'][]) => notChecked.some(({ code }) => codes.includes(code));
  switch (id) {
    case 'head':
      return head.isSigned;
    case 'history':
      return compared.some(({ relation }) => relation === 'consistent') && !lacks('earlier_head');
    case 'tree':
      return !lacks('tree');
    case 'entries':
    case 'times':
      return !lacks('unread');
    case 'content':
    case 'signatures':
      return !lacks('unread', 'unsupported');
    case 'once':
      return !lacks('unread', 'duplicates');
    case 'consumptions':
      return !lacks('unread', 'unsupported', 'consumptions');
    case 'trust_roots':
      return !lacks('unread', 'unsupported', 'trust_roots');
    case 'authority':
      return hasTrustRoot && !lacks('unread', 'unsupported');
  }
}

function verdictOf(findings: Findings, notChecked: readonly NotChecked[]): AuditVerdict {
  if (findings.total > 0) return 'findings';
  return notChecked.some(({ incomplete }) => incomplete) ? 'incomplete' : 'clean';
}

function summaryOf(verdict: AuditVerdict, { head, audited, findings }: AuditOutcome): string {
  if (head === undefined) return 'The log serves no head that it signed, so nothing else could be judged.';
  const log = head.origin;
  const entries = countOf(audited.size, 'entry');
  switch (verdict) {
    case 'clean':
      return `Nothing was found wrong in ${entries} of ${log}.`;
    case 'incomplete':
      return `Nothing was found wrong in ${entries} of ${log}, but something that matters could not be checked.`;
    case 'findings': {
      const count = findings.total === 1 ? 'one finding' : `${findings.total.toLocaleString('en')} findings`;
      return `There ${findings.total === 1 ? 'is' : 'are'} ${count} in ${entries} of ${log}.`;
    }
  }
}

function headFacts({
  origin,
  size,
  root,
  isSigned,
  witnessedSize,
  witnesses,
  seenBy,
  checkpoint,
}: AuditedHead): NonNullable<AuditReport['head']> {
  return {
    origin,
    size,
    root: `sha256:${hexEncode(root)}`,
    signed: isSigned,
    witnesses,
    ...(seenBy !== undefined && { seen_by: seenBy }),
    ...(witnessedSize !== undefined && { witnessed_size: witnessedSize }),
    checkpoint,
  };
}
