/**
 * What an audit remembers (a folder for each log):
 *
 *     audit.json                       the signed heads that were seen, and how far the audit under way is
 *     statements.keys, identities.keys   8 bytes for each entry: duplicates are found with them
 *     consumables.records, consumptions.records, trust-roots.lines
 *
 * The files beside audit.json count as far as it says. They are written and synced before it, so that whatever stops the process,
 * the next one goes on from the last audit.json.
 */
import { base64Decode, base64Encode, type Json, type JsonObject } from '@assent/verifier';
import type { StateFormat } from '../files/state-file.ts';
import { isObject } from '../http/problem.ts';
import type { Dispute } from './bundle-job.ts';
import { COUNTERS } from './counters.ts';
import { FINDING_CODES, type Finding, type FindingCode } from './findings.ts';
import type { GrowthPoint } from './growth.ts';

export const AUDIT_STATE_TYPE = 'assent/audit-state/v1';

/** A head whose signature was verified when it was seen. */
export type SeenHead = { readonly note: string; readonly size: number };

/** How far an audit is: after so many entries, all in full bundles. */
export type AuditProgress = {
  /** A digest of what the audit was asked: another question begins anew. */
  readonly question: string;
  readonly position: number;
  /** Whether it got to its end: then only `--new` goes on from here. */
  readonly isDone: boolean;
  readonly tree: readonly string[];
  /** As the tiles have it, where they differ from the entries. */
  readonly servedTree: readonly string[] | undefined;
  /** From this entry on no hash is known; absent if they all are. */
  readonly brokenAt: number | undefined;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly firstHidden: number;
  readonly counts: readonly number[];
  readonly findings: readonly Finding[];
  readonly findingCounts: readonly (readonly [FindingCode, number])[];
  readonly disputes: readonly Dispute[];
  readonly disputed: number;
  readonly growth: { readonly width: number; readonly points: readonly GrowthPoint[] };
  readonly records: { readonly consumables: number; readonly consumptions: number; readonly trustRoots: number };
  /** Spent on it so far, in milliseconds. */
  readonly elapsed: number;
};

export type AuditState = {
  readonly origin: string;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly seed: number;
  /** The newest ones, and the largest. */
  readonly heads: readonly SeenHead[];
  readonly progress: AuditProgress | undefined;
};

export const auditStateFormat: StateFormat<AuditState> = {
  type: AUDIT_STATE_TYPE,
  parse: parseAuditState,
  format: ({ salt, progress, ...rest }) =>
    JSON.parse(JSON.stringify({ ...rest, salt: base64Encode(salt), ...(progress && { progress }) })) as JsonObject,
};

/** Our own file, of this version: its shape is checked where a wrong one would lead astray. */
function parseAuditState(document: JsonObject): AuditState | undefined {
  const { origin, salt, seed, heads, progress } = document;
  const bytes = typeof salt === 'string' ? base64Decode(salt) : undefined;
  if (typeof origin !== 'string' || !bytes?.ok || !isInteger(seed) || !isList(heads, isHead)) return undefined;
  if (progress !== undefined && !isProgress(progress)) return undefined;
  const read = progress as unknown as AuditProgress | undefined;
  const known: AuditProgress | undefined = read && { ...read, servedTree: read.servedTree, brokenAt: read.brokenAt };
  return { origin, salt: bytes.value, seed, heads: heads as unknown as readonly SeenHead[], progress: known };
}

function isProgress(value: Json): boolean {
  if (!isObject(value)) return false;
  const { growth, records, counts, findings, findingCounts, disputes, tree, servedTree } = value;
  const numbers = [value.position, value.firstTime, value.lastTime, value.firstHidden, value.disputed, value.elapsed];
  return (
    typeof value.question === 'string' &&
    typeof value.isDone === 'boolean' &&
    numbers.every(isNumber) &&
    (value.brokenAt === undefined || isInteger(value.brokenAt)) &&
    isList(tree, isText) &&
    (servedTree === undefined || isList(servedTree, isText)) &&
    isList(counts, isNumber) &&
    (counts as readonly Json[]).length === COUNTERS.length &&
    isList(findings, isFinding) &&
    isList(findingCounts, (item) => Array.isArray(item) && isCode(item[0]) && isNumber(item[1])) &&
    isList(disputes, (item) => isObject(item) && isNumber(item.index)) &&
    isObject(growth) &&
    isNumber(growth.width) &&
    isList(growth.points, (item) => isObject(item) && isNumber(item.time) && isNumber(item.entries)) &&
    isObject(records) &&
    [records.consumables, records.consumptions, records.trustRoots].every(isInteger)
  );
}

function isHead(value: Json): boolean {
  return isObject(value) && isText(value.note) && isInteger(value.size);
}

function isFinding(value: Json): boolean {
  return isObject(value) && isCode(value.code) && isText(value.detail);
}

function isCode(value: Json | undefined): boolean {
  return FINDING_CODES.some((code) => code === value);
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'string';
}

function isNumber(value: Json | undefined): boolean {
  return typeof value === 'number';
}

function isInteger(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function isList(value: Json | undefined, isItem: (item: Json) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}
