import type { Command } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { parseMoment } from '../../moment.ts';
import { type ChangeFlags, changeTrustRoot } from '../../trust/change.ts';
import { printDraft } from '../../trust/draft-status.ts';
import { retire } from '../../trust/members.ts';
import type { Finish } from '../options.ts';
import { addChangeOptions, FILE_HELP } from './flags.ts';

type RetireFlags = ChangeFlags & { readonly at?: string };

export function addRetireCommand(trust: Command, finish: Finish): void {
  const command = trust
    .command('retire')
    .summary('end what somebody may do; what they did before still counts')
    .description(
      'Drafts a version in which the keys of WHO are retired: what was logged before that time still counts, later it does not.\n' +
        'WHO is a holder, the name of a service or a boundary, a keyid, or the digest of a policy.',
    )
    .argument('<file>', 'versions, or a draft')
    .argument('<who>', 'whose keys, which key, or which policy')
    .option('--at <time>', 'from when on: "now", a time in UTC, or +2h (when the version is in force)');
  addChangeOptions(command)
    .addHelpText(
      'after',
      `${FILE_HELP}

Examples:
  $ assent trust retire acme.versions.json dora@example.com -o acme.v3.json
  $ assent trust retire acme.v3.json sha256:9f3c… --at 2026-04-03T17:00:00Z`,
    )
    .action(async (file: string, who: string, flags: RetireFlags) => {
      const at = flags.at === undefined ? undefined : parseMoment(flags.at, '--at');
      const written = await changeTrustRoot(file, flags, (content) => ({
        ...content,
        members: retire(content.members, who, at ?? content.issued_at),
      }));
      printDraft(written, flags.json);
      finish(EXIT.ok);
    });
}
