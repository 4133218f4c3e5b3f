import { base64Encode } from '@assent/verifier';
import { EXIT } from '../exit-codes.ts';
import { createSigningKey } from '../signing-key.ts';
import { printJson, printText, say } from '../terminal/output.ts';
import { type AddCommand, jsonOption } from './options.ts';

const DEFAULT_FILE = 'assent-key.pem';

type KeygenFlags = { readonly output: string; readonly json?: true };

export const addKeygenCommand: AddCommand = (program, finish) => {
  program
    .command('keygen')
    .summary('make a signing key for an approval service')
    .description(
      'Makes an Ed25519 key and writes the private half to a file that its owner alone can read (PKCS#8 PEM, mode 0600).\n' +
        'Prints the public half: the keyid, and the key as base64 of its SubjectPublicKeyInfo.',
    )
    .option('-o, --output <file>', 'where the private key goes; never overwrites', DEFAULT_FILE)
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  $ assent keygen -o service-key.pem\n  $ assent keygen --json | jq -r .keyid')
    .action(async ({ output, json }: KeygenFlags) => {
      const { keyid, spki, algorithm } = await createSigningKey(output);
      const publicKey = base64Encode(spki);
      if (json) printJson({ type: 'assent/key/v1', algorithm, keyid, publicKey, file: output });
      else printText(`keyid      ${keyid}\npublicKey  ${publicKey}\n`);
      say(`the private key is in ${output}; there is no other copy, and whoever has it signs in your name`);
      finish(EXIT.ok);
    });
};
