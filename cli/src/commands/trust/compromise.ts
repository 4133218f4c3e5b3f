import { formatTime } from '@assent/verifier';
import type { Command } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { parseMoment } from '../../moment.ts';
import { say } from '../../terminal/output.ts';
import { type ChangeFlags, changeTrustRoot } from '../../trust/change.ts';
import { printDraft } from '../../trust/draft-status.ts';
import { revoke } from '../../trust/members.ts';
import type { Finish } from '../options.ts';
import { addChangeOptions, FILE_HELP } from './flags.ts';

type CompromiseFlags = ChangeFlags & { readonly since: string };

export function addCompromiseCommand(trust: Command, finish: Finish): void {
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
      `${FILE_HELP}

Verifiers hear of it when they have the new version: hand it out as soon as it is signed. Of a stolen root key, see "rotate-root".

Examples:
  $ assent trust compromise acme.versions.json dora@example.com --since 2026-04-03T17:00:00Z --issued-at now -o acme.v4.json`,
    )
    .action(async (file: string, who: string, flags: CompromiseFlags) => {
      const revoked = {
        reason: 'compromised',
        at: formatTime(Date.now()),
        since: parseMoment(flags.since, '--since'),
      } as const;
      const written = await changeTrustRoot(file, flags, (content) => ({
        ...content,
        members: revoke(content.members, who, revoked),
      }));
      printDraft(written, flags.json);
      say('until verifiers have the signed version, the key counts as before: have it signed and hand it out now');
      finish(EXIT.ok);
    });
}
