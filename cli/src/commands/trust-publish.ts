import { EXIT_HELP } from '../exit-codes.ts';
import {
  type AddCommand,
  apiKeyOption,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';
import { pinnedRootOption } from './trust-flags.ts';

export type PublishFlags = SharedFlags & {
  readonly log?: string;
  readonly offline?: true;
  readonly apiKeyFile?: string;
  readonly versions: string;
  readonly trustRoot?: string;
  readonly output?: string;
  readonly json?: true;
};

export const addTrustPublishCommand: AddCommand = (trust, finish) => {
  trust
    .command('publish')
    .summary('log a version that is signed, and hand it to verifiers')
    .description(
      'Appends a draft with enough signatures to a log, prints the receipt, and writes the list of all versions, which verifiers take\n' +
        'with --trust-versions and receipts carry. The log gets no names and no keys of people: it holds a salted commitment to them.\n' +
        'It can be repeated safely: the log answers with the entry that is there.',
    )
    .argument('<file>', 'the draft')
    .requiredOption('--versions <file>', 'the list of versions: extended by this one, or made')
    .option('--log <url>', 'the log to append to')
    .option('--offline', 'log nothing: write --versions alone')
    .addOption(apiKeyOption())
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .addOption(pinnedRootOption())
    .option('-o, --output <file>', 'write the receipt to this file instead of standard output')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust publish acme.v2.json --versions acme.versions.json --log https://log.example.com --log-key log.vkey \\
      --api-key-file api-key -o acme.v2.receipt.json

The API key needs the right to append versions of this trust root. A log takes one version of a number, in order, issued from
5 minutes ago to 30 days from now. If FILE and --versions disagree about a version, nothing is sent and nothing is written.
${EXIT_HELP}`,
    )
    .action(async (file: string, flags: PublishFlags) => {
      const { trustPublish } = await import('../actions/trust-publish.ts');
      finish(await trustPublish(file, flags));
    });
};
