import { parseDecimal, type Report } from '@assent/verifier';

/** The names by which a log finds an entry. */
export type Reference =
  | { readonly kind: 'index'; readonly index: number }
  /** `sha256:<hex>` of the leaf or of the statement. */
  | { readonly kind: 'digest'; readonly digest: string }
  | { readonly kind: 'identity'; readonly service: string; readonly id: string };

const IDENTIFIER = /^[A-Za-z0-9._:@+-]{1,128}$/;

/** `7`, `sha256:<64 hex>` or `service/id`; undefined for anything else. */
export function parseReference(text: string): Reference | undefined {
  const index = parseDecimal(text);
  if (index.ok) return { kind: 'index', index: index.value };
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return { kind: 'digest', digest: text };
  const [service, id, ...more] = text.split('/');
  if (service === undefined || id === undefined || more.length > 0) return undefined;
  if (![service, id].every((part) => IDENTIFIER.test(part))) return undefined;
  return { kind: 'identity', service, id };
}

/** The address of its receipt, below `api/v1/`. */
export function receiptPath(reference: Reference): string {
  if (reference.kind === 'index') return `receipts/${reference.index}`;
  if (reference.kind === 'digest') return `receipts/${reference.digest}`;
  const parts = [reference.service, reference.id];
  // Both may be "." or "..", which mean folders in a path, even when they are percent-encoded.
  const isResolved = parts.some((part) => part === '.' || part === '..');
  return `${isResolved ? 'receipts?name=' : 'receipts/'}${parts.map(encodeURIComponent).join('/')}`;
}

export function referenceText(reference: Reference): string {
  if (reference.kind === 'index') return `entry ${reference.index}`;
  return reference.kind === 'digest' ? reference.digest : `${reference.service}/${reference.id}`;
}

/**
 * Whether a receipt is of the entry that was asked for. A log that answers with another entry's perfectly good receipt lies
 * all the same. A receipt that says too little about itself (a sealed entry asked for by its statement) is no
 * proof of a lie: undefined.
 */
export function isReceiptOf(reference: Reference, report: Report): boolean | undefined {
  const log = report.log ?? report.unverified_log;
  const approval = report.approval ?? report.unverified_approval;
  if (reference.kind === 'index') return log && log.index === reference.index;
  if (reference.kind === 'identity') {
    if (report.foreign !== undefined) return false;
    return approval && approval.service === reference.service && approval.id === reference.id;
  }
  if (log?.leaf_hash === reference.digest) return true;
  if (report.foreign !== undefined) return report.foreign.digest === reference.digest;
  return approval && approval.statement_digest === reference.digest;
}
