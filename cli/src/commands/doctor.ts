import { EXIT_HELP } from '../exit-codes.ts';
import type { AuthorityFlags } from '../pinned-authority.ts';
import {
  type AddCommand,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  passphraseOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';

export type DoctorFlags = SharedFlags &
  AuthorityFlags & {
    readonly log?: string;
    readonly apiKeyFile?: string;
    readonly key?: string;
    readonly passphraseFile?: string;
    readonly state?: string;
    readonly json?: true;
  };

export const addDoctorCommand: AddCommand = (program, finish) => {
  program
    .command('doctor')
    .summary('check that this machine, the log and what you pinned fit together')
    .description(
      'Looks for what would make other commands fail: Node, the clock, the log and its head, keys and pinned files, rights of files.\n' +
        'Only what is named is looked at. It changes nothing, here or in the log.',
    )
    .option('--log <url>', 'a log: is it there, ready, signed by the pinned key, and is its clock ours')
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .option(
      '--api-key-file <file>',
      'is it private, and does the log know the key; else the environment: ASSENT_API_KEY, ASSENT_API_KEY_FILE',
    )
    .option('--key <file>', 'a signing key: is it private, and of the right kind')
    .addOption(passphraseOption())
    .option('--trust-root <id>', 'a trust root')
    .option('--trust-versions <file>', 'its versions: does the chain hold')
    .option('--approval-policy <file>', 'an approval policy: can it be read')
    .option('--state <folder>', 'where a command keeps its state: can it be written')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent doctor --log https://log.example.com --log-policy log.policy
  $ assent doctor --log https://log.example.com --log-key log.vkey --api-key-file api-key --key service-key.pem

To see whether the log knows the API key it sends an empty append, which a log refuses before it stores anything.
A clock that is more than a minute off makes approvals early or late; the log says what its own shows.

With --json: { "type": "assent/doctor/v1", "healthy", "checks": [ { "id", "status": "pass" | "fail" | "skip", "code"?, "detail" } ] }.
The exit code is that of the first check that failed, as another command would have ended on it.
${EXIT_HELP}`,
    )
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('../actions/doctor.ts');
      finish(await doctor(flags));
    });
};
