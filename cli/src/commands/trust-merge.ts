import { EXIT_HELP } from '../exit-codes.ts';
import { type AddCommand, jsonOption } from './options.ts';
import { pinnedRootOption } from './trust-flags.ts';

export type MergeFlags = { readonly trustRoot?: string; readonly output?: string; readonly json?: true };

export const addTrustMergeCommand: AddCommand = (trust, finish) => {
  trust
    .command('merge')
    .summary('put signatures together that several people made at the same time')
    .description(
      'Puts the signatures of several copies of one draft into one file: for holders who signed at the same time, each a copy of\n' +
        'their own. All copies have to be of exactly the same draft, and every signature in them is verified.',
    )
    .argument('<file>', 'a copy of the draft')
    .argument('<more...>', 'the other copies')
    .option('-o, --output <file>', 'where the draft with all signatures goes (in the place of FILE)')
    .addOption(pinnedRootOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust merge alice/acme.v2.json bob/acme.v2.json -o acme.v2.json
  $ assent trust merge acme.v2.json from-bob.json from-carol.json

No key is needed for it, and nothing is signed. Copies of different drafts end with 1, the code evidence_refused and both digests, even if they
say the same: each draft has a salt of its own. Whoever signed several copies is counted once.
${EXIT_HELP}`,
    )
    .action(async (file: string, more: readonly string[], flags: MergeFlags) => {
      const { trustMerge } = await import('../actions/trust-merge.ts');
      finish(await trustMerge([file, ...more], flags));
    });
};
