import { EXIT } from '../exit-codes.ts';
import { printJson, printText } from '../terminal/output.ts';
import { VERSION } from '../version.ts';
import { type AddCommand, jsonOption } from './options.ts';

export const addVersionCommand: AddCommand = (program, finish) => {
  program
    .command('version')
    .summary('print the version of this program')
    .description('Prints the version of this program; with --json { "type": "assent/version/v1", "version", "node" }.')
    .addOption(jsonOption())
    .action(({ json }: { readonly json?: true }) => {
      if (json) printJson({ type: 'assent/version/v1', version: VERSION, node: process.version });
      else printText(`${VERSION}\n`);
      finish(EXIT.ok);
    });
};
