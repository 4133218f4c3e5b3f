import type { Command } from 'commander';
import { addConfigOptions } from '../config/command-options.ts';
import { withhold } from './withhold.ts';

/** What keeps a log whole: its check, its static copy, its recovery, and entries that may not be served. */
export function addMaintenanceCommands(program: Command): void {
  addConfigOptions(
    program.command('withhold').description("stop serving an entry's public bytes; its hash stays in the tree"),
    'other',
  )
    .argument('<index>', 'the entry, or "list" for all that are withheld')
    .option('--reason <text>', 'the order and its date; not published')
    .option('--undo', 'serve it again')
    .option('--erase', 'destroy the stored bytes as well, for good')
    .option('--yes', 'with --erase: no question')
    .option('--json', 'with "list": as JSON')
    .action((what, { reason, undo, erase, yes, json, ...flags }) =>
      withhold(what, { reason, undo, erase, yes, json }, flags),
    );
}
