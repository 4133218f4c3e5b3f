/** What the commands about trust roots share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, jsonOption } from './options.ts';

export function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 1 up.');
  return Number(text);
}

export function digestText(text: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError('It takes "sha256:" and 64 lower-case hexadecimal digits.');
}

export const pinnedRootOption = (): Option =>
  new Option(
    '--trust-root <id>',
    'the root id that you know from elsewhere: the file has to be of this trust root',
  ).argParser(digestText);

export const repeatable = (flags: string, description: string): Option =>
  new Option(flags, `${description}; repeatable`).argParser(collect);

export function addTimeOptions(command: Command): Command {
  return command
    .option(
      '--issued-at <time>',
      'from when on it is in force: "now", a time in UTC, or +2h; a log takes it until 5 minutes later (+1h)',
    )
    .option('--expires-at <time>', 'until when nothing newer is needed: a time in UTC, or +90d after --issued-at');
}

/** Of commands that change what is in FILE. */
export function addChangeOptions(command: Command): Command {
  return addTimeOptions(command)
    .option('-o, --output <file>', 'where the draft goes; in the place of FILE, if that is one')
    .addOption(pinnedRootOption())
    .option('--discard-signatures', 'change a draft that is signed already; all have to sign it again')
    .addOption(jsonOption());
}

export const FILE_HELP = `
FILE holds the versions that are there (a JSON list, as "publish" writes it), or a draft of the next one, which is then changed
further. Nothing is written that a verifier would refuse once it is signed.`;
