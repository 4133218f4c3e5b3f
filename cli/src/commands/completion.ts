import { Argument } from 'commander';
import { EXIT_HELP } from '../exit-codes.ts';
import type { AddCommand } from './options.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const addCompletionCommand: AddCommand = (program, finish) => {
  program
    .command('completion')
    .summary('print what a shell needs to complete commands and options')
    .description('Prints a script for a shell, made from the commands of this version.')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  $ source <(assent completion bash)
  $ assent completion zsh > ~/.zfunc/_assent
  $ assent completion fish > ~/.config/fish/completions/assent.fish
${EXIT_HELP}`,
    )
    .action(async (shell: Shell) => {
      const { printCompletion } = await import('../actions/completion.ts');
      finish(printCompletion(shell, program));
    });
};
