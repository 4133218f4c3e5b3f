import { EXIT_HELP } from '../exit-codes.ts';
import type { ChangeFlags } from '../trust/change.ts';
import type { AddCommand } from './options.ts';
import { addChangeOptions, FILE_HELP, repeatable, wholeNumber } from './trust-flags.ts';

export type RotateFlags = ChangeFlags & {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly threshold?: number;
};

export const addTrustRotateRootCommand: AddCommand = (trust, finish) => {
  const command = trust
    .command('rotate-root')
    .summary('change who signs the next versions')
    .description(
      'Drafts a version with other root keys or another threshold. It has to be signed by enough of the old root keys and enough of\n' +
        'the new ones, so that whoever holds the keys hands over, and whoever takes over shows that they can sign.',
    )
    .argument('<file>', 'versions, or a draft')
    .addOption(repeatable('--add <key>', 'public key of a new holder: base64, PEM, or what "assent keygen" printed'))
    .addOption(repeatable('--remove <keyid|key>', 'a root key that is one no more'))
    .option('--threshold <n>', 'how many have to sign from then on (as before)', wholeNumber);
  addChangeOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust rotate-root acme.versions.json --add dora.pub --remove sha256:9f3c… -o acme.v5.json
  $ assent trust rotate-root acme.v5.json --threshold 3
${FILE_HELP}
${EXIT_HELP}`,
    )
    .action(async (file: string, flags: RotateFlags) => {
      const { trustRotateRoot } = await import('../actions/trust-changes.ts');
      finish(await trustRotateRoot(file, flags));
    });
};
