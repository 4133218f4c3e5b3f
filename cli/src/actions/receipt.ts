import { readOwnersApiKey } from '../api-key.ts';
import { checkReceipt } from '../check-receipt.ts';
import type { ReceiptFlags } from '../commands/receipt.ts';
import { emitReceipt } from '../emit-receipt.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { LogClient } from '../http/log-client.ts';
import { parseLogUrl } from '../log-url.ts';
import { readPinned, withLogKeys } from '../pinned.ts';
import { isReceiptOf, parseReference, referenceText } from '../reference.ts';
import { say } from '../terminal/output.ts';
import { type Waited, waitForWitnesses } from '../wait-for-witnesses.ts';

export async function receipt(entry: string, flags: ReceiptFlags): Promise<ExitCode> {
  const reference = parseReference(entry);
  if (reference === undefined) {
    throw new CommandFailure(
      'usage',
      `${entry.slice(0, 300)} names no entry: pass its index, sha256:<64 hex digits>, or service/id`,
    );
  }
  refuseContradictions(flags);
  const log = parseLogUrl(flags.log);
  const timeoutMs = flags.timeout * 1000;
  const client = new LogClient(log, timeoutMs, await readOwnersApiKey(flags.apiKeyFile, log));
  const pinned = await readPinned(flags);
  const output = flags.output === undefined ? undefined : await OutputFile.prepare(flags.output);
  try {
    const trusted = flags.verify ? await withLogKeys(pinned, client) : pinned;
    const { unverifiedReceipt, late }: Waited =
      flags.wait === 'witnessed'
        ? await waitForWitnesses(client, reference, trusted, timeoutMs)
        : { unverifiedReceipt: await client.receipt(reference), late: false };
    if (flags.verify) {
      const report = await checkReceipt(unverifiedReceipt, trusted);
      if (isReceiptOf(reference, report) === false) {
        const message = `the log was asked for ${referenceText(reference)}, and answered with the receipt of another entry, which was not printed`;
        throw new CommandFailure('receipt_refused', message);
      }
    } else {
      say('the receipt was not verified (--no-verify)');
    }
    await emitReceipt(unverifiedReceipt, output);
    if (!late) return EXIT.ok;
    say(
      `the witnesses have not cosigned within ${flags.timeout} s (--timeout), so this receipt has the log’s signature alone.`,
    );
    return EXIT.usage;
  } catch (error) {
    await output?.discard();
    throw error;
  }
}

function refuseContradictions({ wait, verify, logPolicy }: ReceiptFlags): void {
  if (wait === 'signed') return;
  if (!verify) throw new CommandFailure('usage', '--no-verify looks at no cosignature: it cannot wait for witnesses');
  if (logPolicy !== undefined) return;
  throw new CommandFailure(
    'usage',
    '--wait witnessed needs --log-policy FILE, which says whose cosignatures are waited for',
  );
}
