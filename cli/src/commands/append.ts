import { EXIT_HELP } from '../exit-codes.ts';
import {
  type AddCommand,
  apiKeyOption,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  passphraseOption,
  type SharedFlags,
  timeoutOption,
  type Wait,
  waitOption,
} from './options.ts';
import { addSealOptions, type SealFlags } from './seal-flags.ts';

export type AppendFlags = SharedFlags &
  SealFlags & {
    readonly log: string;
    readonly wait: Wait;
    readonly apiKeyFile?: string;
    readonly key?: string;
    readonly passphraseFile?: string;
    readonly statement?: string;
    readonly intent?: string;
  };

export const addAppendCommand: AddCommand = (program, finish) => {
  const command = program
    .command('append')
    .summary('append an approval to a log, and get its receipt')
    .description(
      'Appends an approval to a log and prints the receipt, checked against the key of the log.\n' +
        'Either ENVELOPE, a signed envelope ("-" for standard input); or --key and --statement, to sign a statement here.\n' +
        'It can be repeated safely: the log answers with the entry that is there.',
    )
    .argument('[envelope]', 'file of a signed envelope')
    .requiredOption('--log <url>', 'the log to append to')
    .addOption(apiKeyOption())
    .option('--key <file>', 'sign with this key (PKCS#8 PEM, see "assent keygen")')
    .addOption(passphraseOption())
    .option('--statement <file>', 'the statement to sign; "-" for standard input')
    .option('--intent <file>', 'the intent: compared with the statement, or filled in where the statement has none')
    .option('--reveal [intent]', 'make the intent public with the entry, for ever: this file, or that of --intent');
  addSealOptions(command)
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .addOption(waitOption('signed by the log, or also cosigned by its witnesses (10 seconds at most)'))
    .option('-o, --output <file>', 'write the receipt to this file instead of standard output')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent append approval.json --log https://log.example.com --api-key-file api-key -o approval.receipt.json
  $ assent append --key service-key.pem --statement statement.json --intent intent.json --reveal \\
      --log http://localhost:6962 --api-key-file data/first-api-key
  $ assent append approval.json --seal --log https://log.example.com --api-key-file api-key -o approval.receipt.json

Signatures, intent and the log that the statement names are checked before anything is sent, since what is logged stays. The
receipt is printed only if the entry holds exactly what was sent. A statement that is signed here has to be complete, but for
"intent", which is filled in from --intent; the intent itself stays here, unless it is revealed.

Without --open, --reveal or --seal the default of the API key decides how much becomes public. There is no flag for the API
key itself, as others on the machine can read command lines; key files that others can read are refused (chmod 600).

A sealed entry shows SHA-256(salt ‖ content) and nothing else. The salt is made here, and content and salt are on disk in the
file of --opening, which only its owner can read, before anything is sent: after a crash the same command takes the same salt,
and gets the receipt of the entry that is there. An opening is never overwritten. The receipt is written opened; hand the
public a copy without what it discloses: "assent open RECEIPT --strip".
Keep the receipt or the opening. Without both, nobody can ever show what the entry holds, not even the log.
With --blind the log learns nothing more and can check nothing; that takes an API key with that right.

With --wait witnessed, cosignatures that take more than 10 seconds end it with 2: the entry is there, the receipt has the
signature of the log alone, and "assent receipt" gets the other one later.
${EXIT_HELP}`,
    )
    .action(async (envelope: string | undefined, flags: AppendFlags) => {
      const { append } = await import('../actions/append.ts');
      finish(await append(envelope, flags));
    });
};
