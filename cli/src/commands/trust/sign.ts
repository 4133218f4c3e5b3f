import { checkSignature, preAuthEncoding, TRUST_ROOT_PAYLOAD_TYPE } from '@assent/verifier';
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { CommandFailure } from '../../failure.ts';
import { say } from '../../terminal/output.ts';
import { writeDraft } from '../../trust/change.ts';
import { rootKeyOf, withSignature } from '../../trust/draft.ts';
import { printDraft } from '../../trust/draft-status.ts';
import { refuseOlderBase } from '../../trust/extends.ts';
import { loadRootKey } from '../../trust/root-key-file.ts';
import { readDraft, readVersions } from '../../trust/trust-file.ts';
import { type Finish, jsonOption } from '../options.ts';
import { pinnedRootOption } from './flags.ts';

type SignFlags = {
  readonly key: string;
  readonly digest?: string;
  readonly trustRoot?: string;
  readonly trustVersions?: string;
  readonly output?: string;
  readonly json?: true;
};

export function addSignCommand(trust: Command, finish: Finish): void {
  trust
    .command('sign')
    .summary('add one signature to a draft')
    .description(
      'Signs a draft with a root key, and says how many signatures are still missing. Each holder does so on their own machine, and\n' +
        'passes the file on to the next. Look at it first: "assent trust show FILE". Signed is exactly what that shows.',
    )
    .argument('<file>', 'the draft')
    .requiredOption('--key <file>', 'your root key: a private key in PEM (PKCS#8), Ed25519 or P-256')
    .option(
      '--digest <sha256:hex>',
      'sign this draft and no other: its digest, as you looked at it or were told',
      (text) => {
        if (/^sha256:[0-9a-f]{64}$/.test(text)) return text;
        throw new InvalidArgumentError('It takes "sha256:" and 64 lower-case hexadecimal digits.');
      },
    )
    .addOption(pinnedRootOption())
    .option('--trust-versions <file>', 'the versions that you have: the draft has to come after all of them')
    .option('-o, --output <file>', 'where the signed draft goes (in the place of FILE)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A draft brings the versions before it along. That those are all that there are, --trust-versions says: without it, somebody could
have you sign a second version of a number that is taken.

Examples:
  $ assent trust show acme.v2.json
  $ assent trust sign acme.v2.json --key alice.pem --trust-versions acme.versions.json
  $ assent trust sign acme.v1.json --key bob.pem --digest sha256:27a7…`,
    )
    .action(async (file: string, flags: SignFlags) => {
      await sign(file, flags);
      finish(EXIT.ok);
    });
}

async function sign(file: string, flags: SignFlags): Promise<void> {
  const draft = await readDraft(file, flags.trustRoot);
  if (flags.digest !== undefined && flags.digest !== draft.digest) {
    throw new CommandFailure(
      'evidence_refused',
      `${file} is another draft than the one of --digest; nothing was signed`,
      {
        checks: [
          {
            id: 'trust',
            code: 'bad_value',
            detail: 'its digest differs',
            expected: flags.digest,
            computed: draft.digest,
          },
        ],
      },
    );
  }
  const own = flags.trustVersions === undefined ? undefined : await readVersions(flags.trustVersions, flags.trustRoot);
  if (own !== undefined) refuseOlderBase(draft, own);
  const { publicKey, sign: signBytes } = await loadRootKey(flags.key);
  const { keyid } = publicKey;
  if (rootKeyOf(draft, keyid) === undefined) {
    throw new CommandFailure('usage', `${flags.key} is ${keyid}, which is none of the root keys: nothing was signed`);
  }
  if (draft.signatures.some((signature) => signature.publicKey.keyid === keyid)) {
    say(`${keyid} has signed it already`);
    printDraft({ draft, file }, flags.json);
    return;
  }
  const message = preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, draft.payload);
  const sig = await signBytes(message);
  const checked = await checkSignature(publicKey, sig, message);
  if (!checked.ok) throw new Error(`the signature that was just made does not verify: ${checked.detail}`);
  const signed = withSignature(draft, { publicKey, sig });
  if (own === undefined && draft.before !== undefined) {
    say('the versions before it came with the draft: --trust-versions FILE compares them with your own');
  }
  printDraft(await writeDraft(flags.output ?? file, signed), flags.json);
}
