/**
 * Makes docs/cli.md from the commands themselves, so that the page says what the program does.
 *
 *     npm run docs:cli         writes it; a test says when it has to be written again
 *
 * Of each command: its usage, description, arguments and options, and what its help says below them, as Markdown. What
 * all commands share is prose, in introduction.md beside this file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { EXIT, EXIT_HELP } from '../src/exit-codes.ts';
import { FAILURES } from '../src/failure.ts';
import { createProgram } from '../src/program.ts';

export const PAGE = new URL('../../docs/cli.md', import.meta.url);
const INTRODUCTION = new URL('introduction.md', import.meta.url);

export function renderPage(): string {
  const program = createProgram(() => undefined);
  const commands = withoutHelp(program.commands);
  const parts: Readonly<Record<string, string>> = {
    commands: commandTable(commands),
    'exit codes': exitCodeTable(),
  };
  const introduction = readFileSync(INTRODUCTION, 'utf8').replace(/\{\{([a-z ]+)\}\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`introduction.md: there is no {{${name}}}`);
    return part;
  });
  return `${[introduction.trimEnd(), ...commands.flatMap((command) => commandSections(command, 2))].join('\n\n')}\n`;
}

function withoutHelp(commands: readonly Command[]): readonly Command[] {
  return commands.filter((command) => command.name() !== 'help');
}

function commandTable(commands: readonly Command[]): string {
  const groups = new Set(commands.map((command) => command.helpGroup()));
  const rows = [...groups].flatMap((group) => [
    `| **${group.replace(/:$/, '')}** | |`,
    ...commands
      .filter((command) => command.helpGroup() === group)
      .map((command) => `| [\`${pathOf(command)}\`](#${anchor(command)}) | ${inCell(command.summary())} |`),
  ]);
  return ['| command | does |', '|---|---|', ...rows].join('\n');
}

function exitCodeTable(): string {
  const meanings = [...EXIT_HELP.matchAll(/^ {2}(\d+) +(.+)$/gm)].map(([, code, meaning]) => ({
    code: Number(code),
    meaning: meaning!,
  }));
  const unexplained = Object.values(EXIT).find((exit) => !meanings.some(({ code }) => code === exit));
  if (unexplained !== undefined) throw new Error(`EXIT_HELP does not explain ${unexplained}`);
  const failures = Object.entries(FAILURES);
  const rows = meanings.map(({ code, meaning }) => {
    const kinds = failures.filter(([, exit]) => exit === code).map(([kind]) => `\`${kind}\``);
    return `| ${code} | ${inCell(meaning)} | ${kinds.join(' ')} |`;
  });
  return ['| exit code | meaning | `code` in JSON |', '|---|---|---|', ...rows].join('\n');
}

/** A command and, below it, those that it consists of. */
function commandSections(command: Command, level: number): readonly string[] {
  const help = command.createHelp();
  const sections = [
    `${'#'.repeat(level)} \`${pathOf(command)}\``,
    `    ${help.commandUsage(command)}`,
    prose(command.description()),
    optionTable(command),
    ...helpBelow(command),
  ];
  return [
    ...sections.filter((section) => section !== ''),
    ...withoutHelp(command.commands).flatMap((subcommand) => commandSections(subcommand, level + 1)),
  ];
}

function optionTable(command: Command): string {
  const help = command.createHelp();
  const rows = [
    ...help.visibleArguments(command).map((argument) => [argument.name(), help.argumentDescription(argument)]),
    ...help
      .visibleOptions(command)
      .filter((option) => option.long !== '--help')
      .map((option) => [option.flags, help.optionDescription(option)]),
  ].map(([name, description]) => `| \`${name!.replaceAll('|', '\\|')}\` | ${inCell(description!)} |`);
  return rows.length === 0 ? '' : ['| | |', '|---|---|', ...rows].join('\n');
}

/** What `addHelpText('after')` adds: the help as it is printed, without the part that is made of options. */
function helpBelow(command: Command): readonly string[] {
  let printed = '';
  command.configureOutput({ ...command.configureOutput(), writeOut: (text) => (printed += text) });
  const made = command.helpInformation();
  command.outputHelp();
  if (!printed.startsWith(made)) throw new Error(`${pathOf(command)}: text before its help`);
  return blocksOf(printed.slice(made.length).replace(EXIT_HELP, '\n').trim()).filter((block) => block !== 'Examples:');
}

/** Indented lines are kept as they are, such as the examples, with the empty lines between them; all others are paragraphs. */
function blocksOf(text: string): readonly string[] {
  const blocks: { readonly isCode: boolean; readonly lines: string[] }[] = [];
  let isApart = true;
  for (const line of text.split('\n')) {
    const last = blocks.at(-1);
    const isCode = line.startsWith('  ');
    if (line === '') isApart = true;
    else {
      if (last === undefined || last.isCode !== isCode || (isApart && !isCode)) blocks.push({ isCode, lines: [line] });
      else last.lines.push(...(isApart ? ['', line] : [line]));
      isApart = false;
    }
  }
  return blocks.map(({ isCode, lines }) =>
    isCode
      ? `\`\`\`text\n${lines.map((line) => line.replace(/^ {2}(\$ )?/, '')).join('\n')}\n\`\`\``
      : prose(lines.join('\n')),
  );
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** As GitHub makes it of the section's title. */
function anchor(command: Command): string {
  return pathOf(command).replaceAll(' ', '-');
}

/** Text of a help, whose line breaks are the terminal's, and whose characters are no Markdown. */
function prose(text: string): string {
  return text.replace(/[<*]/g, '\\$&');
}

function inCell(text: string): string {
  return prose(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PAGE, renderPage());
  process.stdout.write(`${fileURLToPath(PAGE)}\n`);
}
