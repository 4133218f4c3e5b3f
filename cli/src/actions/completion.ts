import type { Command } from 'commander';
import type { Shell } from '../commands/completion.ts';
import { bashCompletion } from '../completion/bash.ts';
import { type CommandWords, commandWords } from '../completion/command-words.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printText } from '../terminal/output.ts';

const SCRIPTS: Readonly<Record<Shell, (program: CommandWords) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export function printCompletion(shell: Shell, program: Command): ExitCode {
  printText(SCRIPTS[shell](commandWords(program)));
  return EXIT.ok;
}
