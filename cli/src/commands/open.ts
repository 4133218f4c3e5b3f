import { EXIT_HELP } from '../exit-codes.ts';
import {
  type AddCommand,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';

export type OpenFlags = SharedFlags & {
  readonly opening?: string;
  readonly content?: string;
  readonly salt?: string;
  readonly intent?: string;
  readonly log?: string;
  readonly output?: string;
  readonly strip?: true;
  readonly json?: true;
};

export const addOpenCommand: AddCommand = (program, finish) => {
  program
    .command('open')
    .summary('open a sealed receipt, show what it says, or make a copy for others')
    .description(
      'Puts content and salt of a sealed entry into its receipt, checks the whole, and prints what it says as "assent verify"\n' +
        'does. With -o it writes the opened receipt, for whom it may concern; with --strip a copy that discloses nothing.\n' +
        'RECEIPT is a file, "-" for standard input, or an http(s) address; with --log also an entry of that log.',
    )
    .argument('<receipt>', 'the receipt, opened already or not')
    .option('--opening <file>', 'content and salt as "assent append --seal" kept them')
    .option('--content <file>', 'the content alone, an envelope; goes with --salt')
    .option('--salt <file>', 'the salt alone, base64 of 32 bytes; goes with --content')
    .option('--intent <file>', 'disclose the intent as well')
    .option('--log <url>', 'the log: entries are asked from it, and its key unless it is pinned')
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .option('-o, --output <file>', 'write the receipt as it is now to this file, unless it is invalid')
    .option('--strip', 'take everything out that the receipt discloses, and print it; nothing is verified')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent open approval.receipt.json --log-key log.vkey
  $ assent open 7 --log https://log.example.com --log-key log.vkey --opening approval.opening.json -o for-the-auditor.receipt.json
  $ assent open approval.receipt.json --strip > public.receipt.json

Content and salt that are not what was sealed end with 1 and the code evidence_refused. A receipt of a sealed entry that
discloses nothing is incomplete, as in "assent verify": it proves that something was logged, when and where, and not what.
Only its owner can read the file of -o. What --strip prints is what the log hands out to everybody.
An opening is { "type": "assent/opening/v1", "sealed", "content", "salt" }.
${EXIT_HELP}`,
    )
    .action(async (argument: string, flags: OpenFlags) => {
      const { open } = await import('../actions/open.ts');
      finish(await open(argument, flags));
    });
};
