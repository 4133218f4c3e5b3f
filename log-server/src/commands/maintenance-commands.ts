import type { Command } from 'commander';
import { addConfigOptions } from '../config/command-options.ts';
import { exportCommand } from './export.ts';
import { fsck } from './fsck.ts';
import { recover } from './recover.ts';
import { withhold } from './withhold.ts';

/** What keeps a log whole: its check, its static copy, its recovery, and entries that may not be served. */
export function addMaintenanceCommands(program: Command): void {
  addConfigOptions(program.command('fsck').description('check the whole log as it is stored; changes nothing'), 'other')
    .option('--checkpoint <files...>', 'signed checkpoints, files or addresses, that the log must contain')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nEnds with 0 if all is well, 1 if anything is damaged, 3 if it could not look.')
    .action(({ json, checkpoint, ...flags }) => fsck({ json, checkpoint }, flags));

  addConfigOptions(program.command('export').description('the log as static files (C2SP tlog-tiles)'), 'signing')
    .requiredOption('--to <folder>', 'where to; a later run adds what is new')
    .option('--checkpoint <file>', 'the signed checkpoint to publish, a file or address; without one the log key signs')
    .option('--size <number>', 'of an older head, instead of the newest')
    .option('--check-all', 'read back the entries of earlier runs as well')
    .option('--json', 'as JSON')
    .action(({ to, checkpoint, size, checkAll, json, ...flags }) =>
      exportCommand({ to, checkpoint, size, checkAll, json }, flags),
    );

  addConfigOptions(
    program.command('recover').description('get back signed entries that a restored database lacks'),
    'other',
  )
    .option('--from <sources...>', 'copies (folders or addresses), receipts (*.json), the old database (postgres://…)')
    .option('--checkpoint <files...>', 'signed checkpoints, files or addresses, that the log must reach')
    .option('--dry-run', 'prove that it can be done, and write nothing')
    .option('--json', 'as JSON')
    .action(({ from, checkpoint, dryRun, json, ...flags }) => recover({ from, checkpoint, dryRun, json }, flags));

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
