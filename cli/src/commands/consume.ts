import { type Command, Option } from 'commander';
import { EXIT_HELP } from '../exit-codes.ts';
import type { AuthorityFlags } from '../pinned-authority.ts';
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

export type ConsumeFlags = SharedFlags &
  AuthorityFlags & {
    readonly key: string;
    readonly passphraseFile?: string;
    readonly boundary?: string;
    readonly log?: string;
    readonly offline?: true;
    readonly apiKeyFile?: string;
    readonly intent?: string;
    readonly attempt?: string;
    readonly resume?: true;
    readonly require: 'authentic' | 'authorized';
    readonly wait: Wait;
    readonly output?: string;
    readonly json?: true;
  };

export const addConsumeCommand: AddCommand = (program, finish) => {
  const command = program
    .command('consume')
    .summary('use up an approval before the action runs, once')
    .description(
      'Uses up an approval of single use, for the boundary that is about to run the action: signs a consumption with its key, has it\n' +
        'logged, and prints the receipt with the receipt of the consumption in it. A log takes one consumption of an approval, for ever.\n' +
        'RECEIPT is what it is for "assent verify". Exit code 0 says that this boundary may run the action now, once.',
    )
    .argument('<receipt>', 'the receipt of the approval')
    .requiredOption('--key <file>', 'key of the boundary (PKCS#8 PEM, see "assent keygen")')
    .addOption(passphraseOption())
    .option('--boundary <name>', 'name of the boundary, where no --trust-versions name it')
    .option('--log <url>', 'the log to consume it in')
    .option('--offline', 'make no request: sign the consumption and write it to --attempt; --resume sends it later')
    .addOption(apiKeyOption())
    .addOption(logKeyOption())
    .addOption(logPolicyOption());
  addAuthorityOptions(command)
    .option(
      '--attempt <file>',
      'where the signed consumption is kept, before it is sent (<receipt>.consumption.json beside the receipt)',
    )
    .option('--resume', 'go on with the attempt in that file: only if you know that the action has not run')
    .addOption(
      new Option('--require <verdict>', 'consume nothing unless so much is certain, and end with 0 only then')
        .choices(['authentic', 'authorized'])
        .default('authorized'),
    )
    .addOption(waitOption('signed by the log, or also cosigned by the witnesses of --log-policy (--timeout at most)'))
    .option('-o, --output <file>', 'write the receipt to this file instead of standard output')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The attempt is on disk before anything is sent. Should this machine crash, the same command refuses to go on, since the action may have
run: look, and pass --resume if it has not.

Examples:
  $ assent consume refund.receipt.json --key boundary.pem --intent refund.intent.json \\
      --trust-root sha256:9f3c… --trust-versions acme.versions.json --approval-policy payments.policy.json \\
      --log https://log.example.com --log-policy log.policy --wait witnessed --api-key-file api-key -o consumed.receipt.json \\
    && ./run-refund refund.intent.json
${EXIT_HELP}`,
    )
    .action(async (argument: string, flags: ConsumeFlags) => {
      const { consume } = await import('../actions/consume.ts');
      finish(await consume(argument, flags));
    });
};

function addAuthorityOptions(command: Command): Command {
  return command
    .option('--intent <file>', 'the action that is about to run: it has to be the one that was approved')
    .option('--trust-root <id>', 'root id of the trust root, pinned by you')
    .option('--trust-versions <file>', 'the versions of it that you have')
    .option('--approval-policy <file>', 'your approval policy');
}
