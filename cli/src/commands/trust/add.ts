import { APPROVAL_PAYLOAD_TYPE, ATTESTED_METHODS } from '@assent/verifier';
import { type Command, Option } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { type AddFlags, readAddition } from '../../trust/addition.ts';
import { changeTrustRoot } from '../../trust/change.ts';
import { printDraft } from '../../trust/draft-status.ts';
import { collect, type Finish } from '../options.ts';
import { addChangeOptions, FILE_HELP, repeatable } from './flags.ts';

export function addAddCommand(trust: Command, finish: Finish): void {
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
      new Option('--method <method>', 'by which a service tells people apart; repeatable')
        .choices([...ATTESTED_METHODS])
        .argParser(collect),
    )
    .addOption(repeatable('--payload-type <type>', `what a service may sign (${APPROVAL_PAYLOAD_TYPE})`))
    .option(
      '--valid-from <time>',
      'when it begins to count: "now", a time in UTC, or +2h (when the version is in force)',
    )
    .option('--valid-until <time>', 'when it ends to count: a time in UTC, or +365d after --valid-from')
    .option('--update', 'change what is listed already: its roles, origins, people, methods, types, or its end');
  addChangeOptions(command)
    .addHelpText(
      'after',
      `${FILE_HELP}

A registration is checked in full: type, challenge and origin of the client data, relying party, flags, credential and its id, key,
and the attestation where that is "none" or by the passkey itself. Other attestations are NOT verified, and the command says so.

Examples:
  $ assent trust add acme.versions.json --approver dora@example.com --role finance --registration dora.json \\
      --challenge 9J3m… --origin https://approvals.example.com -o acme.v2.json
  $ assent trust add acme.v2.json --boundary payments-gw-3 --key payments-gw-3.pub
  $ assent trust add acme.v2.json --service approvals.example.com --key service.pub \\
      --attests alice@example.com=finance --method totp
  $ assent trust add acme.v2.json --policy payments.policy.json --valid-until +365d
  $ assent trust add acme.v2.json --approver dora@example.com --role finance --role security --update`,
    )
    .action(async (file: string, flags: AddFlags) => {
      const change = await readAddition(flags);
      const written = await changeTrustRoot(file, flags, (content) => ({
        ...content,
        members: change(content.members, content.issued_at),
      }));
      printDraft(written, flags.json);
      finish(EXIT.ok);
    });
}
