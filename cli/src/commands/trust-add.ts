import { EXIT_HELP } from '../exit-codes.ts';
import type { AddFlags } from '../trust/addition.ts';
import type { AddCommand } from './options.ts';
import { addChangeOptions, FILE_HELP, repeatable } from './trust-flags.ts';

export const addTrustAddCommand: AddCommand = (trust, finish) => {
  const command = trust
    .command('add')
    .summary('list a person, a service, a boundary or a policy')
    .description('Drafts a version that lists one more: exactly one of --approver, --service, --boundary, --policy.')
    .argument('<file>', 'versions, or a draft')
    .option('--approver <holder>', 'a person who may approve, by a passkey (--registration) or a key (--key)')
    .option('--service <name>', 'a service that says who approved (--key, --attests, --method)')
    .option('--boundary <name>', 'a place where approved actions run, which consumes approvals (--key)')
    .option('--policy <file|digest>', 'an approval policy that counts')
    .addOption(repeatable('--role <role>', 'of an approver'))
    .option('--registration <file>', 'what the browser answered when the passkey was made: RegistrationResponseJSON')
    .option('--challenge <base64url>', 'the challenge that the browser was given')
    .addOption(repeatable('--origin <origin>', 'where the passkey is used, such as https://approvals.example.com'))
    .option('--rp-id <domain>', 'the relying party of the passkey (the host of the first --origin)')
    .addOption(repeatable('--top-origin <origin>', 'a page that may hold that page in a frame'))
    .option('--no-user-verification', 'take a passkey whose authenticator did not verify its user')
    .option('--key <key>', 'a public key: base64, PEM, or what "assent keygen" printed')
    .addOption(
      repeatable('--attests <approver=roles>', 'for whom a service may speak, as in alice@example.com=finance,legal'),
    )
    .addOption(
      repeatable('--method <method>', 'how a service tells people apart: totp, face_id, passkey, hardware_key or sso'),
    )
    .addOption(repeatable('--payload-type <type>', 'what a service may sign (approval statements)'))
    .option(
      '--valid-from <time>',
      'when it begins to count: "now", a time in UTC, or +2h (when the version is in force)',
    )
    .option('--valid-until <time>', 'when it ends to count: a time in UTC, or +365d after --valid-from')
    .option('--update', 'change what is listed already: its roles, origins, people, methods, types, or its end');
  addChangeOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust add acme.versions.json --approver dora@example.com --role finance --registration dora.json \\
      --challenge 9J3mW0… --origin https://approvals.example.com -o acme.v2.json
  $ assent trust add acme.v2.json --boundary payments-gw-3 --key payments-gw-3.pub
  $ assent trust add acme.v2.json --service approvals.example.com --key service.pub \\
      --attests alice@example.com=finance --method totp
  $ assent trust add acme.v2.json --policy payments.policy.json --valid-until +365d
  $ assent trust add acme.v2.json --approver dora@example.com --role finance --role security --update

A registration is checked in full: type, challenge and origin of the client data, relying party, flags, the credential and its
id, the key, and the attestation, where that is "none" or by the passkey itself. An attestation by somebody else is NOT
VERIFIED, and the command says so. Without the right challenge it could be the passkey of anybody.
${FILE_HELP}
${EXIT_HELP}`,
    )
    .action(async (file: string, flags: AddFlags) => {
      const { trustAdd } = await import('../actions/trust-changes.ts');
      finish(await trustAdd(file, flags));
    });
};
