/** The flags of `append` that say how much becomes public, and where the opening of a sealed entry is kept. */
import type { Command } from 'commander';
import { CommandFailure } from '../failure.ts';

export type SealFlags = {
  readonly open?: true;
  readonly reveal?: string | true;
  readonly seal?: true;
  readonly blind?: true;
  readonly opening?: string;
  readonly output?: string;
};

export function addSealOptions(command: Command): Command {
  return command
    .option('--open', 'make statement and signatures public, whatever the default of the API key is')
    .option(
      '--seal',
      'make a commitment public alone; content and salt stay in the receipt and in the file of --opening',
    )
    .option('--blind', 'with --seal: send the log the commitment alone, which it then cannot check')
    .option(
      '--opening <file>',
      'with --seal: keep content and salt here too, before anything is sent (<output>.opening.json)',
    );
}

/** Where the opening is kept; undefined without `--seal`. Refuses flags that contradict one another. */
export function openingFile({ open, reveal, seal, blind, opening, output }: SealFlags): string | undefined {
  const wrong = (message: string) => new CommandFailure('usage', message);
  const chosen = [open && '--open', reveal !== undefined && '--reveal', seal && '--seal'].filter((flag) => flag);
  if (chosen.length > 1) throw wrong(`${chosen.join(' and ')} contradict each other: an entry has one visibility`);
  if (seal === undefined) {
    if (blind) throw wrong('--blind goes with --seal: only a commitment can be sent blind');
    if (opening !== undefined) throw wrong('--opening goes with --seal: an entry that is not sealed has no opening');
    return undefined;
  }
  if (opening !== undefined) return opening;
  if (output === undefined) {
    throw wrong('--seal needs -o FILE or --opening FILE: the salt has to be on disk before anything is sent');
  }
  return `${output.replace(/\.receipt\.json$/, '')}.opening.json`;
}
