import { Command } from 'commander';
import { COMMAND_GROUPS } from './commands/all.ts';
import type { Finish } from './commands/options.ts';
import { EXIT_HELP } from './exit-codes.ts';
import { VERSION } from './version.ts';

/**
 * The whole command line. Usage errors are thrown as CommanderError; help goes to standard output.
 *
 * Definitions are all that is loaded with it: each command imports what does its work when it is run. Otherwise every
 * `assent --help` would read a verifier, an HTTP client and three signature libraries first.
 */
export function createProgram(finish: Finish): Command {
  const program = new Command('assent')
    .description('Approvals by people, in a log that nobody has to trust: make receipts, and check them.')
    .version(VERSION, '-V, --version', 'print the version')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    // What is wrong is said once, by whoever catches it.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    // Behind a command --version is that command's, as of "trust show".
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Examples:
  $ assent verify refund.receipt.json --log-key log.vkey
  $ assent inspect refund.receipt.json
  $ assent receipt 7 --log http://localhost:6962 -o refund.receipt.json
  $ assent append --key service-key.pem --statement statement.json --intent intent.json \\
      --log http://localhost:6962 --api-key-file data/first-api-key

Data goes to standard output, everything else to standard error. With --json both success and failure are one JSON
document with a "type". Colours: NO_COLOR, FORCE_COLOR.
${EXIT_HELP}`,
    );
  for (const [heading, commands] of Object.entries(COMMAND_GROUPS)) {
    program.commandsGroup(heading);
    for (const add of commands) add(program, finish);
  }
  return program.helpCommand('help [command]', 'explain a command');
}
