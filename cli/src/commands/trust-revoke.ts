/** Two ways in which a key ends to count: its holder left, or somebody else has it. */
import { EXIT_HELP } from '../exit-codes.ts';
import type { ChangeFlags } from '../trust/change.ts';
import type { AddCommand } from './options.ts';
import { addChangeOptions, FILE_HELP } from './trust-flags.ts';

export type RetireFlags = ChangeFlags & { readonly at?: string };

export const addTrustRetireCommand: AddCommand = (trust, finish) => {
  const command = trust
    .command('retire')
    .summary('end what somebody may do; what they did before still counts')
    .description(
      'Drafts a version in which the keys of WHO are retired: what was logged before that time still counts, what is logged later does not.\n' +
        'WHO is a holder, the name of a service or a boundary, a keyid, or the digest of a policy.',
    )
    .argument('<file>', 'versions, or a draft')
    .argument('<who>', 'whose keys, which key, or which policy')
    .option('--at <time>', 'from when on: "now", a time in UTC, or +2h (when the version is in force)');
  addChangeOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust retire acme.versions.json dora@example.com -o acme.v3.json
  $ assent trust retire acme.v3.json sha256:9f3c… --at 2026-04-03T17:00:00Z
${FILE_HELP}
${EXIT_HELP}`,
    )
    .action(async (file: string, who: string, flags: RetireFlags) => {
      const { trustRetire } = await import('../actions/trust-changes.ts');
      finish(await trustRetire(file, who, flags));
    });
};

export type CompromiseFlags = ChangeFlags & { readonly since: string };

export const addTrustCompromiseCommand: AddCommand = (trust, finish) => {
  const command = trust
    .command('compromise')
    .summary('say that a key is in other hands, and since when')
    .description(
      'Drafts a version in which the keys of WHO count no more from --since on: only what witnesses saw before that time still does.\n' +
        'WHO is a holder, the name of a service or a boundary, or a keyid. It cannot be undone; --since can move to an earlier time.',
    )
    .argument('<file>', 'versions, or a draft')
    .argument('<who>', 'whose keys, or which key')
    .requiredOption(
      '--since <time>',
      'the earliest time at which somebody else may have had it, such as 2026-04-03T17:00:00Z',
    );
  addChangeOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust compromise acme.versions.json dora@example.com --since 2026-04-03T17:00:00Z --issued-at now -o acme.v4.json

Verifiers hear of it when they have the new version: hand it out as soon as it is signed. A stolen root key is replaced with
"assent trust rotate-root".
${FILE_HELP}
${EXIT_HELP}`,
    )
    .action(async (file: string, who: string, flags: CompromiseFlags) => {
      const { trustCompromise } = await import('../actions/trust-changes.ts');
      finish(await trustCompromise(file, who, flags));
    });
};
