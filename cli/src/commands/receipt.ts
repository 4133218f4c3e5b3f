import { Option } from 'commander';
import { readOwnersApiKey } from '../api-key.ts';
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
import { type Waited, waitForWitnesses } from '../wait-for-witnesses.ts';
import {
  type AddCommand,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  ownersApiKeyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';

type ReceiptFlags = SharedFlags & {
  readonly log: string;
  readonly apiKeyFile?: string;
  readonly wait: 'signed' | 'witnessed';
  readonly output?: string;
  readonly verify: boolean;
};

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
    .addOption(ownersApiKeyOption())
    .addOption(
      new Option(
        '--wait <until>',
        'signed by the log, or also cosigned by the witnesses of --log-policy; waits for --timeout seconds at most',
      )
        .choices(['signed', 'witnessed'])
        .default('signed'),
    )
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
  $ assent receipt 7 --log https://log.example.com --log-policy log.policy --wait witnessed -o refund.receipt.json
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
