import type { Command } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { readPublicKeys } from '../../public-key.ts';
import { readTimes, type TimeFlags, writeDraft } from '../../trust/change.ts';
import { draftVersion } from '../../trust/draft.ts';
import { printDraft } from '../../trust/draft-status.ts';
import { NO_MEMBERS } from '../../trust/members.ts';
import { rootKeys } from '../../trust/root-keys.ts';
import { type Finish, jsonOption } from '../options.ts';
import { addTimeOptions, repeatable, wholeNumber } from './flags.ts';

type InitFlags = TimeFlags & {
  readonly name: string;
  readonly rootKey: readonly string[];
  readonly threshold: number;
  readonly output: string;
  readonly json?: true;
};

export function addInitCommand(trust: Command, finish: Finish): void {
  const command = trust
    .command('init')
    .summary('draft version 1, with the root keys')
    .description(
      'Drafts version 1 of a trust root: its name, and whose signatures make the next versions. It lists nobody yet: add people\n' +
        'with "assent trust add", then have it signed. The digest of version 1 is the root id, which verifiers pin.',
    )
    .requiredOption('--name <name>', 'the organization, such as acme.example')
    .addOption(
      repeatable(
        '--root-key <key>',
        'public key of one who may sign versions: base64, PEM, or what "assent keygen" printed',
      ).makeOptionMandatory(),
    )
    .requiredOption('--threshold <n>', 'how many of them have to sign a version', wholeNumber)
    .requiredOption('-o, --output <file>', 'where the draft goes');
  addTimeOptions(command)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent keygen -o alice.pem > alice.pub            (each holder of a root key, on their own machine)
  $ assent trust init --name acme.example --root-key alice.pub --root-key bob.pub --root-key carol.pub --threshold 2 \\
      -o acme.v1.json
  $ assent trust add acme.v1.json --policy payments.policy.json`,
    )
    .action(async (flags: InitFlags) => {
      const root = rootKeys(await readPublicKeys(flags.rootKey, '--root-key'), flags.threshold);
      const draft = draftVersion(undefined, { name: flags.name, root, members: NO_MEMBERS, ...readTimes(flags) });
      printDraft(await writeDraft(flags.output, draft), flags.json);
      finish(EXIT.ok);
    });
}
