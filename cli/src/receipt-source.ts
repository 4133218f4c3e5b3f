import { existsSync } from 'node:fs';
import { MAX_RECEIPT_BYTES, type Report } from '@assent/verifier';
import { CommandFailure } from './failure.ts';
import { readInput } from './files/read-input.ts';
import { fetchReceipt, type LogClient } from './http/log-client.ts';
import { isHttpUrl, parseHttpUrl } from './log-url.ts';
import { isReceiptOf, parseReference, type Reference, referenceText } from './reference.ts';

export type ReceiptSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL }
  | { readonly kind: 'reference'; readonly reference: Reference };

/**
 * What RECEIPT means. An index and a digest are never files (write `./7` for one); `service/id` looks like a path, so a
 * file that is there wins, and what begins with `./` or `../` is always one.
 */
export function findReceipt(
  argument: string,
  given: { readonly log: boolean; readonly offline: boolean },
): ReceiptSource {
  if (isHttpUrl(argument)) {
    if (given.offline) throw new CommandFailure('usage', '--offline makes no request: pass the receipt as a file');
    return { kind: 'url', url: parseHttpUrl(argument, 'the receipt') };
  }
  const reference = argument === '-' ? undefined : parseReference(argument);
  if (reference === undefined) return { kind: 'file', path: argument };
  const isPath = /^\.\.?\//.test(argument);
  if (reference.kind === 'identity' && (isPath || existsSync(argument) || !given.log))
    return { kind: 'file', path: argument };
  if (given.log) return { kind: 'reference', reference };
  if (given.offline) {
    throw new CommandFailure(
      'usage',
      `--offline makes no request: pass the receipt as a file (a file of this name is ./${argument})`,
    );
  }
  throw new CommandFailure(
    'usage',
    `${argument} is an entry of a log: say which with --log URL (a file of this name is ./${argument})`,
  );
}

/** @param client needed for an entry of a log. */
export function readReceipt(
  source: ReceiptSource,
  client: LogClient | undefined,
  timeoutMs: number,
): Promise<Uint8Array> {
  if (source.kind === 'file') return readInput(source.path, MAX_RECEIPT_BYTES);
  if (source.kind === 'url') return fetchReceipt(source.url, timeoutMs);
  if (client === undefined) throw new TypeError('client: needed for a reference');
  return client.receipt(source.reference);
}

/** An invalid receipt is bad news enough; of a good one it matters whose it is. */
export function refuseOtherReceipt(source: ReceiptSource, report: Report): void {
  if (source.kind !== 'reference' || report.verdict === 'invalid' || isReceiptOf(source.reference, report) !== false)
    return;
  const asked = referenceText(source.reference);
  throw new CommandFailure(
    'receipt_refused',
    `the log was asked for ${asked}, and answered with the receipt of another entry`,
  );
}
