import { EXIT_HELP } from '../exit-codes.ts';
import { type AddCommand, jsonOption } from './options.ts';

export type InspectFlags = { readonly json?: true };

export const addInspectCommand: AddCommand = (program, finish) => {
  program
    .command('inspect')
    .summary('say what a file is, and what each line of it means; nothing is verified')
    .description(
      'Takes a file apart and explains it member by member or line by line, documents inside it too. FILE is a file, or "-" for\n' +
        'standard input. Nothing is verified: a forged receipt reads like a good one until "assent verify" has seen it.',
    )
    .argument('<file>', 'what to explain')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent inspect refund.receipt.json
  $ curl -s https://log.example.com/checkpoint | assent inspect -
  $ assent inspect clientDataJSON
  $ assent inspect log.vkey --json | jq .kind

It knows receipts, entries, envelopes, statements, intents, trust roots and their members, approval policies, consumptions,
openings and proofs of misbehaviour; C2SP checkpoints and other notes, tlog-proofs, vkeys, log policies, tiles and entry
bundles; what logs answer, RFC 6962's calls too; envelopes and payloads of Cosignet, SignedApproval, AgentMint, in-toto and
DSSE; of passkeys client data, authenticator data, registrations, assertions and COSE keys; keys as PEM, DER and JWK; and
any of these in base64 or hexadecimal. Of private keys and salts it says that they are there, and never what they are.

With --json: { "type": "assent/inspection/v1", "verified": false, "bytes", "kind", "title", "problem"?, "rows": [ { "label",
"value"?, "note"?, "inside"?, "rows"? } ] }. "problem" is what is wrong with its form, as the verifier says it.
A file that is nothing known ends with 1, one that is not well formed too.
${EXIT_HELP}`,
    )
    .action(async (file: string, flags: InspectFlags) => {
      const { inspectFile } = await import('../actions/inspect.ts');
      finish(await inspectFile(file, flags));
    });
};
