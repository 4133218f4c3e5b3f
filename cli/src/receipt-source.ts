import { existsSync } from 'node:fs';
import { CommandFailure } from './failure.ts';
import { isHttpUrl, parseHttpUrl } from './log-url.ts';
import { parseReference, type Reference } from './reference.ts';

export type ReceiptSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL }
  | { readonly kind: 'reference'; readonly reference: Reference };

/**
 * What RECEIPT means. An index and a digest are never files (write `./7` for one); `service/id` looks like a path, so a
 * file that is there wins.
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
  if (reference.kind === 'identity' && (existsSync(argument) || !given.log)) return { kind: 'file', path: argument };
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
