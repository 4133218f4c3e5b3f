import type { Command } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { CommandFailure } from '../../failure.ts';
import { readPublicKey, readPublicKeys } from '../../public-key.ts';
import { type ChangeFlags, changeTrustRoot } from '../../trust/change.ts';
import { printDraft } from '../../trust/draft-status.ts';
import { rotateRoot } from '../../trust/root-keys.ts';
import type { Finish } from '../options.ts';
import { addChangeOptions, FILE_HELP, repeatable, wholeNumber } from './flags.ts';

type RotateFlags = ChangeFlags & {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly threshold?: number;
};

export function addRotateRootCommand(trust: Command, finish: Finish): void {
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
      `${FILE_HELP}

Examples:
  $ assent trust rotate-root acme.versions.json --add dora.pub --remove sha256:9f3c… -o acme.v5.json`,
    )
    .action(async (file: string, flags: RotateFlags) => {
      const { add = [], remove = [], threshold } = flags;
      if (add.length + remove.length === 0 && threshold === undefined) {
        throw new CommandFailure('usage', 'say what to change: --add, --remove or --threshold');
      }
      const added = await readPublicKeys(add, '--add');
      const removed: string[] = [];
      for (const value of remove) removed.push(await readKeyid(value));
      const written = await changeTrustRoot(file, flags, (content) => ({
        ...content,
        root: rotateRoot(content.root, added, removed, threshold),
      }));
      printDraft(written, flags.json);
      finish(EXIT.ok);
    });
}

async function readKeyid(value: string): Promise<string> {
  return /^sha256:[0-9a-f]{64}$/.test(value) ? value : (await readPublicKey(value, '--remove')).keyid;
}
