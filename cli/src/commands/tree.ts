import { EXIT_HELP } from '../exit-codes.ts';
import {
  type AddCommand,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  ownersApiKeyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';

export type TreeFlags = SharedFlags & {
  readonly log?: string;
  readonly apiKeyFile?: string;
  readonly ascii?: true;
  readonly offline?: true;
  readonly json?: true;
};

export const addTreeCommand: AddCommand = (program, finish) => {
  program
    .command('tree')
    .summary('draw the way from an entry to the signed root of its tree')
    .description(
      'Draws what the proof in a receipt shows: the entry, the hashes beside its path, and the root that they lead to, with those\n' +
        'who signed it on top. RECEIPT is what it is for "assent verify". The entry and its signatures are not looked at.',
    )
    .argument('<receipt>', 'whose proof to draw')
    .option(
      '--log <url>',
      'the log: receipts are asked from it by index, digest or service/id, and its key unless it is pinned',
    )
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .addOption(ownersApiKeyOption())
    .option('--ascii', 'draw with ASCII alone, as is done where the locale (LC_ALL, LC_CTYPE, LANG) is not UTF-8')
    .option('--offline', 'make no network request: --log and receipts that are not files are refused')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent tree refund.receipt.json --log-key log.vkey
  $ assent tree 7 --log https://log.example.com --log-policy log.policy
  $ assent tree refund.receipt.json --json | jq '.path[].sibling'

The left child stands above the right one. A filled mark is a hash that was computed here, an empty one comes from the proof.
Each hash is the SHA-256 of 0x01 and the two below it, and the leaf that of 0x00 and the entry.

With --json: { "type": "assent/tree/v1", "origin", "index", "size", "leaf_hash", "root", "computed_root", "path": [ { "side",
"sibling", "sibling_entries": [from, to], "hash" } ], "checks" }. "path" goes from the leaf up: "hash" is the one on the path, "side" says
where its sibling stands.
It ends with 1 if the path does not lead to the signed root or a signature does not hold, and with 0 if no key was pinned and
nothing failed: it draws, and "assent verify" judges.
${EXIT_HELP}`,
    )
    .action(async (argument: string, flags: TreeFlags) => {
      const { tree } = await import('../actions/tree.ts');
      finish(await tree(argument, flags));
    });
};
