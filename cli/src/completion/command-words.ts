/** What can be typed at each place of the command line, read from the commands themselves. */
import type { Command } from 'commander';

export type OptionWords = {
  readonly short?: string;
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The only values that it takes. */
  readonly choices: readonly string[];
};

export type CommandWords = {
  readonly name: string;
  /** Names from below the program on: `trust add`. Empty for the program itself. */
  readonly path: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  readonly commands: readonly CommandWords[];
  /** The only words that its argument can be; a file where there are none. */
  readonly argumentChoices: readonly string[];
};

export function commandWords(command: Command, path = ''): CommandWords {
  const help = command.createHelp();
  const commands = command.commands
    .filter((subcommand) => subcommand.name() !== 'help')
    .map((subcommand) => commandWords(subcommand, path === '' ? subcommand.name() : `${path} ${subcommand.name()}`));
  const isProgram = command.parent === null;
  const helpCommand = { name: 'help', path: 'help', summary: 'explain a command', options: [], commands: [] };
  return {
    name: command.name(),
    path,
    summary: command.summary(),
    options: help
      .visibleOptions(command)
      .flatMap(({ short, long, description, required, optional, argChoices = [] }) =>
        long === undefined
          ? []
          : [{ ...(short && { short }), long, description, takesValue: required || optional, choices: argChoices }],
      ),
    commands: isProgram
      ? [...commands, { ...helpCommand, argumentChoices: commands.map(({ name }) => name) }]
      : commands,
    argumentChoices: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
}

/** The program and every command below it. */
export function allCommands(command: CommandWords): readonly CommandWords[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

export function flagsOf({ options }: CommandWords): readonly string[] {
  return options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
}
