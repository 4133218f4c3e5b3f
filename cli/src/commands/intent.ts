import { EXIT_HELP } from '../exit-codes.ts';
import { type AddCommand, collect, jsonOption } from './options.ts';

export type IntentFlags = {
  readonly action?: string;
  readonly connector?: string;
  readonly arg?: readonly string[];
  readonly args?: string;
  readonly schema?: string;
  readonly salt?: string;
  readonly canonical?: true;
  readonly output?: string;
  readonly json?: true;
};

export const addIntentCommand: AddCommand = (program, finish) => {
  program
    .command('intent')
    .summary('make an intent, or take one, and say its digest')
    .description(
      'An intent is the exact action that will run. Either FILE, an intent as JSON ("-" for standard input), is read strictly; or one\n' +
        'is made of --action, --connector and arguments, with a fresh random salt. Prints its digest and its canonical form (RFC 8785).',
    )
    .argument('[file]', 'an intent')
    .option('--action <name>', 'class of the action, such as payment.refund')
    .option('--connector <name>', 'the target system, such as stripe/acct_1A2b')
    .option('--arg <name=value>', 'an argument, as text; repeatable', collect)
    .option('--args <file>', 'the arguments as a JSON object, where texts are not enough')
    .option('--schema <digest>', "digest of the connector's argument schema, sha256:<hex>")
    .option('--salt <base64url>', 'this salt of 16 bytes or more instead of a random one')
    .option('--canonical', 'print the canonical bytes alone, without a line break at their end')
    .option('-o, --output <file>', 'write the canonical bytes to this file, whose SHA-256 is the digest')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent intent --action payment.refund --connector stripe/acct_1A2b --arg charge=ch_9 --arg amount=42.00 \\
      --arg currency=usd -o refund.intent.json
  $ assent intent refund.intent.json
  $ assent intent refund.intent.json --canonical | sha256sum

Amounts are texts ("42.00"), so that nothing rounds them. Who has the digest and guesses the arguments cannot tell that he
guessed right, as long as the salt is not known: keep the file. A number that would change its value, a key that stands twice
and an unknown member are refused.
With --json: { "type": "assent/intent-digest/v1", "digest", "canonical", "intent" }.
${EXIT_HELP}`,
    )
    .action(async (file: string | undefined, flags: IntentFlags) => {
      const { intent } = await import('../actions/intent.ts');
      finish(await intent(file, flags));
    });
};
