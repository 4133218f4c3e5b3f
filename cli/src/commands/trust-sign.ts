import { EXIT_HELP } from '../exit-codes.ts';
import { type AddCommand, jsonOption, passphraseOption } from './options.ts';
import { digestText, pinnedRootOption } from './trust-flags.ts';

export type SignFlags = {
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly toSign?: string;
  readonly signature?: string;
  readonly publicKey?: string;
  readonly digest?: string;
  readonly trustRoot?: string;
  readonly trustVersions?: string;
  readonly output?: string;
  readonly json?: true;
};

export const addTrustSignCommand: AddCommand = (trust, finish) => {
  trust
    .command('sign')
    .summary('add one signature to a draft')
    .description(
      'Signs a draft with a root key, and says how many signatures are still missing. Each holder does so on their own machine, and\n' +
        'passes the file on to the next. Look at it first: "assent trust show FILE". Signed is exactly what that shows.',
    )
    .argument('<file>', 'the draft')
    .option('--key <file>', 'your root key: a private key in PEM (PKCS#8), Ed25519 or P-256')
    .addOption(passphraseOption())
    .option('--to-sign <file>', 'sign nothing: write the bytes to sign to this file, for a key in hardware')
    .option('--signature <file>', 'add this signature of those bytes: Ed25519 as 64 bytes, or ECDSA in DER')
    .option('--public-key <key>', 'whose signature that is: base64, PEM, or what "assent keygen" printed')
    .option(
      '--digest <sha256:hex>',
      'sign this draft and no other: its digest, as you looked at it or were told',
      digestText,
    )
    .addOption(pinnedRootOption())
    .option('--trust-versions <file>', 'the versions that you have: the draft has to come after all of them')
    .option('-o, --output <file>', 'where the signed draft goes (in the place of FILE)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust show acme.v2.json
  $ assent trust sign acme.v2.json --key alice.pem --trust-versions acme.versions.json
  $ assent trust sign acme.v1.json --key bob.pem --digest sha256:27a7…

With a key in hardware, here one that OpenSSL reaches:
  $ assent trust sign acme.v2.json --to-sign acme.v2.bin
  $ openssl pkeyutl -sign -rawin -digest sha256 -inkey "pkcs11:object=root" -in acme.v2.bin -out acme.v2.sig
  $ assent trust sign acme.v2.json --signature acme.v2.sig --public-key root.pub

A draft brings the versions before it along. That these are all that there are, your own --trust-versions say: without them,
somebody could have you sign a second version of a number that is taken.
${EXIT_HELP}`,
    )
    .action(async (file: string, flags: SignFlags) => {
      const { trustSign } = await import('../actions/trust-sign.ts');
      finish(await trustSign(file, flags));
    });
};
