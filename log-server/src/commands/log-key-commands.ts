import type { Command } from 'commander';
import { addConfigOptions } from '../config/command-options.ts';
import { changePassphrase, encryptLogKey, showLogKey } from './log-key.ts';

/** What an operator does with the log's private key. */
export function addLogKeyCommands(program: Command): void {
  const logKey = program.command('log-key').description("the log's private key, with which it signs checkpoints");
  addConfigOptions(logKey.command('show').description('show its public half (vkey) and how it is protected'), 'signing')
    .option('--json', 'as JSON')
    .action(({ json, ...flags }) => showLogKey(json === true, flags));
  addConfigOptions(
    logKey.command('encrypt').description('encrypt a key that lies in the open, in place'),
    'signing',
  ).action((flags) => encryptLogKey(flags));
  addConfigOptions(
    logKey.command('passwd').description('encrypt it with another passphrase or key, in place'),
    'signing',
  )
    .option('--new-passphrase-file <file>', 'file that holds the new passphrase')
    .option('--new-encryption-key-file <file>', 'file that holds the new 32-byte key, as hex or base64')
    .action(({ newPassphraseFile, newEncryptionKeyFile, ...flags }) =>
      changePassphrase({ newPassphraseFile, newEncryptionKeyFile }, flags),
    );
}
