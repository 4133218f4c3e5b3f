import { Command } from 'commander';
import { addAppendCommand } from './commands/append.ts';
import { addKeygenCommand } from './commands/keygen.ts';
import { addOpenCommand } from './commands/open.ts';
import type { Finish } from './commands/options.ts';
import { addReceiptCommand } from './commands/receipt.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { addVersionCommand } from './commands/version.ts';
import { EXIT_HELP } from './exit-codes.ts';
import { VERSION } from './version.ts';

/** The whole command line. Usage errors are thrown as CommanderError; help goes to standard output. */
export function createProgram(finish: Finish): Command {
  const program = new Command('assent')
    .description('Approvals by people, in a log that nobody has to trust: make receipts, and check them.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'explain a command')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    // What is wrong is said once, by whoever catches it.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  $ assent verify refund.receipt.json --log-key log.vkey
  $ assent receipt 7 --log http://localhost:6962 -o refund.receipt.json
  $ assent append --key service-key.pem --statement statement.json --intent intent.json \\
      --log http://localhost:6962 --api-key-file data/first-api-key

Data goes to standard output, everything else to standard error. With --json both success and failure are one JSON
document with a "type". Colours: NO_COLOR, FORCE_COLOR.
${EXIT_HELP}`,
    );
  for (const add of [
    addVerifyCommand,
    addReceiptCommand,
    addAppendCommand,
    addOpenCommand,
    addKeygenCommand,
    addVersionCommand,
  ]) {
    add(program, finish);
  }
  return program;
}
