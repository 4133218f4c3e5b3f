import { EXIT_HELP } from '../exit-codes.ts';
import { type AddCommand, jsonOption } from './options.ts';

const DEFAULT_FILE = 'assent-key.pem';

export type KeygenFlags = {
  readonly output: string;
  readonly witness?: string;
  readonly mlDsa?: boolean;
  readonly json?: true;
};

export const addKeygenCommand: AddCommand = (program, finish) => {
  program
    .command('keygen')
    .summary('make a signing key for an approval service, or the key of a witness')
    .description(
      'Makes an Ed25519 key and writes the private half to a file that its owner alone can read (PKCS#8 PEM, mode 0600).\n' +
        'Prints the public half: the keyid, and the key as base64 of its SubjectPublicKeyInfo.\n' +
        'With --witness it is the key of a witness of that name: its vkey (C2SP tlog-cosignature) is printed.',
    )
    .option('-o, --output <file>', 'where the private key goes; never overwrites', DEFAULT_FILE)
    .option('--witness <name>', 'make the key of a witness: a name like a URL without its scheme')
    .option('--ml-dsa', 'with --witness: an ML-DSA-44 key, beside or instead of an Ed25519 one')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent keygen -o service-key.pem
  $ assent keygen --json | jq -r .keyid
  $ assent keygen --witness witness.example.com/w1 -o witness-key.pem
  $ assent keygen --witness witness.example.com/w1 --ml-dsa -o witness-ml-dsa-key.pem

The keyid is how statements and trust roots name the key. Under a passphrase it comes with OpenSSL; --passphrase-file of append,
consume and trust sign opens it:
  $ (umask 077 && openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 600000 -in service-key.pem -out locked-key.pem)
With --json: { "type": "assent/key/v1", "algorithm", "keyid", "publicKey", "file" }; of a witness "vkey" instead of "keyid" and "publicKey".
${EXIT_HELP}`,
    )
    .action(async (flags: KeygenFlags) => {
      const { keygen } = await import('../actions/keygen.ts');
      finish(await keygen(flags));
    });
};
