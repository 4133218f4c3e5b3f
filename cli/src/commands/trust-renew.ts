import { EXIT_HELP } from '../exit-codes.ts';
import type { ChangeFlags } from '../trust/change.ts';
import type { AddCommand } from './options.ts';
import { addChangeOptions, FILE_HELP } from './trust-flags.ts';

export const addTrustRenewCommand: AddCommand = (trust, finish) => {
  const command = trust
    .command('renew')
    .summary('the same again, for longer')
    .description(
      'Drafts a version that lists what the one before it lists, with other times. Past its end a version authorizes nothing any more,\n' +
        'so there has to be a next one by then. Of a draft, it changes the times alone.',
    )
    .argument('<file>', 'versions, or a draft');
  addChangeOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust renew acme.versions.json -o acme.v5.json
  $ assent trust renew acme.v5.json --issued-at +2d --expires-at +30d
${FILE_HELP}
${EXIT_HELP}`,
    )
    .action(async (file: string, flags: ChangeFlags) => {
      const { trustRenew } = await import('../actions/trust-changes.ts');
      finish(await trustRenew(file, flags));
    });
};
