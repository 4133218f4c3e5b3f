import { Command, CommanderError } from 'commander';
import { explain } from './commands/explain-failure.ts';
import { adopt, showGuard } from './commands/guard.ts';
import { addKeyCommands } from './commands/key-commands.ts';
import { CommandFailed } from './commands/keys.ts';
import { addLogKeyCommands } from './commands/log-key-commands.ts';
import { addMaintenanceCommands } from './commands/maintenance-commands.ts';
import { addConfigOptions } from './config/command-options.ts';
import { ConfigError } from './config/config-error.ts';
import { MaintenanceFailure } from './maintenance/maintenance-failure.ts';

const EXIT_CODES = `
Exit codes:
  0  done; for serve: stopped by a signal, and everything was closed in order
  1  it failed; the message says why
  2  wrong usage: a flag, an environment variable or an argument
  3  for fsck, export and recover: the database or another source can't be read now
  128 + n  ended at once by the second signal n

Settings come from a flag, else the environment, else the file that --config names (.env here), else the default.`;

/** The program `assent-log`: runs one command and returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // `assent-log keys list | head` closes the pipe early, which is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    await createProgram().parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof ConfigError) {
      process.stderr.write(`assent-log: ${error.message}\n`);
      return 2;
    }
    process.stderr.write(`assent-log: ${explain(error)}\n`);
    return exitCodeOf(error);
  }
}

export function createProgram(): Command {
  const program = new Command('assent-log')
    .description('The server of an Assent log, and what its operator needs.')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .showHelpAfterError('(see --help)');

  addConfigOptions(program.command('serve').description('run the log'), 'serve').action(async (flags) => {
    // The other commands and --help do without the whole server.
    const { serve } = await import('./commands/serve.ts');
    await serve(flags);
  });

  addKeyCommands(program);
  addLogKeyCommands(program);

  const guard = program.command('guard').description('the fork guard: the newest head that may have been signed');
  addConfigOptions(guard.command('show').description('show what it holds'), 'other')
    .option('--json', 'as JSON')
    .action(({ json, ...flags }) => showGuard(json === true, flags));
  addConfigOptions(guard.command('adopt').description('bind it to the database as it is now'), 'signing')
    .option('--yes', 'this database is the newest that ever was')
    .option('--without-witnesses', 'though no witness of the policy shows what it holds')
    .action(({ yes, withoutWitnesses, ...flags }) =>
      adopt({ yes: yes === true, withoutWitnesses: withoutWitnesses === true }, flags),
    );

  addMaintenanceCommands(program);
  return program;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailed) return error.exitCode;
  return error instanceof MaintenanceFailure && error.kind === 'unreachable' ? 3 : 1;
}
