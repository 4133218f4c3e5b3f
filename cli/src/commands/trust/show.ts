import type { Command } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { printJson, printText } from '../../terminal/output.ts';
import { painter } from '../../terminal/paint.ts';
import { readTrustFile } from '../../trust/trust-file.ts';
import { trustText } from '../../trust/trust-text.ts';
import { viewTrustFile } from '../../trust/trust-view.ts';
import { type Finish, jsonOption } from '../options.ts';
import { pinnedRootOption, wholeNumber } from './flags.ts';

type ShowFlags = { readonly version?: number; readonly trustRoot?: string; readonly json?: true };

export function addShowCommand(trust: Command, finish: Finish): void {
  trust
    .command('show')
    .summary('explain a version, and what it changed')
    .description(
      'Verifies the versions in FILE (a list, or a draft) and explains the newest: who may approve, in which roles, with which keys,\n' +
        'until when, who makes the next version, and what is new since the version before.',
    )
    .argument('<file>', 'versions, or a draft; "-" for standard input')
    .option('--version <n>', 'another version than the newest', wholeNumber)
    .addOption(pinnedRootOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust show acme.v2.json
  $ assent trust show acme.versions.json --version 1
  $ assent trust show acme.versions.json --trust-root sha256:9f3c… --json | jq .changes`,
    )
    .action(async (file: string, { version, trustRoot, json }: ShowFlags) => {
      const shown = viewTrustFile(await readTrustFile(file, trustRoot), version);
      if (json) printJson(shown.view);
      else printText(trustText(shown, painter(process.stdout), Date.now()));
      finish(EXIT.ok);
    });
}
