import { EXIT_HELP } from '../exit-codes.ts';
import {
  type AddCommand,
  attemptsOption,
  concurrencyOption,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';

export type MirrorFlags = SharedFlags & {
  readonly checkAll?: true;
  readonly concurrency: number;
  readonly attempts: number;
  readonly json?: true;
};

export const addMirrorCommand: AddCommand = (program, finish) => {
  program
    .command('mirror')
    .summary('keep a static copy of a log, all of it verified')
    .description(
      'Copies a log into a folder, in the layout of C2SP tlog-tiles, which any web server can hand out and "assent audit" reads.\n' +
        'Nothing is written before it is proved to be of the tree that the log signed, and that the tree extends the one that\n' +
        'was copied before; with --log-policy, also that enough witnesses cosigned it. The checkpoint is written last.\n' +
        'Run it again for what is new: if there is nothing, that is one request. One that was stopped goes on where it was.',
    )
    .argument('<log>', 'the address of a log, or the folder of another copy')
    .argument('<folder>', 'where the copy is, or is to be')
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .option('--check-all', 'look at what was copied earlier as well, and mend it')
    .addOption(concurrencyOption())
    .addOption(attemptsOption())
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent mirror https://log.example.com /srv/log --log-key log.vkey
  $ assent mirror https://log.example.com /srv/log --log-policy log.policy --json | jq .size
  $ */10 * * * *  assent mirror https://log.example.com /srv/log --log-policy /etc/assent/log.policy     (crontab)

A log that is caught lying ends it with 1, and the copy stays as it was. If it signed two histories, the proof is written next
to the folder, as FOLDER.misbehaviour.json: "assent verify" checks it.
Entries that the log withholds are left out with their bundle, listed in withheld.json, and the others of that bundle stand at
api/v1/entries/INDEX. Web servers may cache all files but "checkpoint" and "withheld.json" for ever.
${EXIT_HELP}
2 is also for a head that too few witnesses have cosigned yet: run it again in a moment.`,
    )
    .action(async (log: string, folder: string, flags: MirrorFlags) => {
      const { mirror } = await import('../actions/mirror.ts');
      finish(await mirror(log, folder, flags));
    });
};
