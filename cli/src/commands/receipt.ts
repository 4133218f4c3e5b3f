import { checkReceipt } from '../check-receipt.ts';
import { emitReceipt } from '../emit-receipt.ts';
import { EXIT, EXIT_HELP, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { LogClient } from '../http/log-client.ts';
import { parseLogUrl } from '../log-url.ts';
import { readPinned, withLogKeys } from '../pinned.ts';
import { isReceiptOf, parseReference, referenceText } from '../reference.ts';
import { say } from '../terminal/output.ts';
import {
  type AddCommand,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';

type ReceiptFlags = SharedFlags & { readonly log: string; readonly output?: string; readonly verify: boolean };

export const addReceiptCommand: AddCommand = (program, finish) => {
  program
    .command('receipt')
    .summary('get the receipt of an entry from a log')
    .description(
      'Asks a log for the receipt of an entry and prints it, after checking it against the key of the log.\n' +
        'ENTRY is its index, sha256:<hex> of its leaf or its statement, or service/id.',
    )
    .argument('<entry>', 'which entry')
    .requiredOption('--log <url>', 'the log to ask')
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .option('-o, --output <file>', 'write the receipt to this file instead of standard output')
    .option('--no-verify', 'print whatever the log answers, unchecked')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent receipt 7 --log https://log.example.com --log-key log.vkey -o refund.receipt.json
  $ assent receipt approvals.example.com/req_8f2 --log http://localhost:6962 | jq .proof
${EXIT_HELP}`,
    )
    .action(async (entry: string, flags: ReceiptFlags) => finish(await receipt(entry, flags)));
};

async function receipt(entry: string, flags: ReceiptFlags): Promise<ExitCode> {
  const reference = parseReference(entry);
  if (reference === undefined) {
    throw new CommandFailure(
      'usage',
      `${entry.slice(0, 300)} names no entry: pass its index, sha256:<64 hex digits>, or service/id`,
    );
  }
  const client = new LogClient(parseLogUrl(flags.log), flags.timeout * 1000);
  const pinned = await readPinned(flags);
  const output = flags.output === undefined ? undefined : await OutputFile.prepare(flags.output);
  try {
    const unverifiedReceipt = await client.receipt(reference);
    if (flags.verify) {
      const report = await checkReceipt(unverifiedReceipt, await withLogKeys(pinned, client));
      if (isReceiptOf(reference, report) === false) {
        const message = `the log was asked for ${referenceText(reference)}, and answered with the receipt of another entry, which was not printed`;
        throw new CommandFailure('receipt_refused', message);
      }
    } else {
      say('the receipt was not verified (--no-verify)');
    }
    await emitReceipt(unverifiedReceipt, output);
    return EXIT.ok;
  } catch (error) {
    await output?.discard();
    throw error;
  }
}
