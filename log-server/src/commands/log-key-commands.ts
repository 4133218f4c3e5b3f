import type { Command } from 'commander';
import { addConfigOptions } from '../config/command-options.ts';
import { closeLog } from './close.ts';
import { changePassphrase, encryptLogKey, showLogKey } from './log-key.ts';
import { cancelRotation, finishRotation, prepareRotation, showRotation, startRotation } from './rotate.ts';

/** What an operator does with the log's private key: protect it, replace it, sign with it for the last time. */
export function addLogKeyCommands(program: Command): void {
  addFileCommands(program.command('log-key').description("the log's private key, with which it signs checkpoints"));
  addRotationCommands(program.command('rotate').description('replace the log key, with both signing for a while'));
  addConfigOptions(program.command('close').description('end the log for ever: a final checkpoint'), 'signing')
    .option('--successor <log>', 'where it goes on: an origin, a vkey or an address')
    .option('--without-successor', 'it goes on nowhere')
    .option('--reason <text>', 'why, for /api/v1/log')
    .option('--out <file>', 'where to save the final checkpoint (default: <data-dir>/final-checkpoint)')
    .option('--yes', 'do not ask')
    .action(({ successor, withoutSuccessor, reason, out, yes, ...flags }) =>
      closeLog({ successor, withoutSuccessor, reason, out, yes }, flags),
    );
}

function addFileCommands(logKey: Command): void {
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

function addRotationCommands(rotate: Command): void {
  addConfigOptions(rotate.command('show').description('show which keys sign, and which did'), 'other')
    .option('--json', 'as JSON')
    .action(({ json, ...flags }) => showRotation(json === true, flags));
  addConfigOptions(rotate.command('prepare').description("make the next key's file"), 'signing').action((flags) =>
    prepareRotation(flags),
  );
  addConfigOptions(rotate.command('start').description('from now on both keys sign'), 'signing').action((flags) =>
    startRotation(flags),
  );
  addConfigOptions(rotate.command('finish').description('from now on the newer key signs alone'), 'signing')
    .option('--yes', 'whoever pins the older key has the newer one')
    .action(({ yes, ...flags }) => finishRotation(yes === true, flags));
  addConfigOptions(rotate.command('cancel').description('go back to the older key alone'), 'other')
    .option('--yes', 'the newer key is not to be used, ever')
    .action(({ yes, ...flags }) => cancelRotation(yes === true, flags));
}
