import { EXIT_HELP } from '../exit-codes.ts';
import {
  type AddCommand,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  ownersApiKeyOption,
  type SharedFlags,
  timeoutOption,
  type Wait,
  waitOption,
} from './options.ts';

export type ReceiptFlags = SharedFlags & {
  readonly log: string;
  readonly apiKeyFile?: string;
  readonly wait: Wait;
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
      waitOption(
        'signed by the log, or also cosigned by the witnesses of --log-policy; waits for --timeout seconds at most',
      ),
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

A receipt that does not hold, or is another entry's, is not printed. The file of -o appears only when it is whole, and
replaces one that is there. Success prints the receipt, which is JSON anyway; --json makes failures JSON as well.

A log finds a sealed entry by its index or leaf hash for everybody, and by statement digest or service/id for its owner
alone: --api-key-file sends an API key that may append for the service of the entry. The key in the environment is not sent,
as nobody needs one to read from a log.

With --wait witnessed, a receipt that the quorum has not cosigned in time is printed with the signature of the log alone, and
the exit code is 2.
${EXIT_HELP}`,
    )
    .action(async (entry: string, flags: ReceiptFlags) => {
      const { receipt } = await import('../actions/receipt.ts');
      finish(await receipt(entry, flags));
    });
};
