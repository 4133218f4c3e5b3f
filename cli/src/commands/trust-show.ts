import { EXIT_HELP } from '../exit-codes.ts';
import { type AddCommand, jsonOption } from './options.ts';
import { pinnedRootOption, wholeNumber } from './trust-flags.ts';

export type ShowFlags = { readonly version?: number; readonly trustRoot?: string; readonly json?: true };

export const addTrustShowCommand: AddCommand = (trust, finish) => {
  trust
    .command('show')
    .summary('explain a version, and what it changed')
    .description(
      'Verifies the versions in FILE (a list, a draft, or a receipt that brings them along) and explains the newest: who may\n' +
        'approve, in which roles, with which keys, until when, who makes the next version, and what is new since the one before.',
    )
    .argument('<file>', 'versions, a draft, or a receipt; "-" for standard input')
    .option('--version <n>', 'another version than the newest', wholeNumber)
    .addOption(pinnedRootOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust show acme.v2.json
  $ assent trust show acme.versions.json --version 1
  $ assent trust show refund.receipt.json --trust-root sha256:9f3c…
  $ assent trust show acme.versions.json --trust-root sha256:9f3c… --json | jq .changes

With --json: { "type": "assent/trust-root-view/v1", "root_id", "version", "draft", "digest", "root", "members", "changes", … }.
${EXIT_HELP}`,
    )
    .action(async (file: string, flags: ShowFlags) => {
      const { trustShow } = await import('../actions/trust-show.ts');
      finish(await trustShow(file, flags));
    });
};
