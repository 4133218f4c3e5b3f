import { type Command, Option } from 'commander';
import { flagName, OPTIONS, type OptionName } from './options.ts';

/** Gives a command the flags of every setting that it has, so that flags, variables and help come from one table. */
export function addConfigOptions(command: Command, name: 'serve' | 'signing' | 'other'): Command {
  for (const key of Object.keys(OPTIONS) as OptionName[]) {
    const spec = OPTIONS[key];
    if ('only' in spec && name !== 'serve' && name !== spec.only) continue;
    const flag = flagName(key);
    const tail = `(${spec.env}; default: ${spec.defaultText})`;
    if ('secret' in spec && spec.secret) {
      command.addOption(
        new Option(
          `--${flag}-file <file>`,
          `file that holds: ${spec.help} (${spec.env} or ${spec.env}_FILE; default: ${spec.defaultText})`,
        ),
      );
    } else if (spec.argument === undefined) {
      command.addOption(new Option(`--${flag}`, `${spec.help} ${tail}`));
      command.addOption(new Option(`--no-${flag}`, `without ${spec.help.split(';')[0]}`));
    } else {
      command.addOption(new Option(`--${flag} <${spec.argument}>`, `${spec.help} ${tail}`));
    }
  }
  return command;
}
