import { checkSignature, type EnvelopeSignature, preAuthEncoding, TRUST_ROOT_PAYLOAD_TYPE } from '@assent/verifier';
import type { SignFlags } from '../commands/trust-sign.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { readInput } from '../files/read-input.ts';
import { readPublicKey } from '../public-key.ts';
import type { SigningKey } from '../signing-key.ts';
import { say } from '../terminal/output.ts';
import { writeDraft } from '../trust/change.ts';
import { rootKeyOf, type TrustDraft, withSignature } from '../trust/draft.ts';
import { printDraft } from '../trust/draft-status.ts';
import { refuseOlderBase } from '../trust/extends.ts';
import { trustRefusal } from '../trust/refusal.ts';
import { loadRootKey } from '../trust/root-key-file.ts';
import { readDraft, readVersions } from '../trust/trust-file.ts';

/** Far above any signature. */
const MAX_SIGNATURE_BYTES = 1024;

export async function trustSign(file: string, flags: SignFlags): Promise<ExitCode> {
  refuseContradictions(flags);
  const draft = await readDraft(file, flags.trustRoot);
  await refuseOtherDraft(draft, file, flags);
  const message = preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, draft.payload);
  if (flags.toSign !== undefined) {
    await (await OutputFile.prepare(flags.toSign)).commit(message);
    say(
      `${flags.toSign} holds the ${message.length} bytes to sign, of version ${draft.trustRoot.version}, ${draft.digest}`,
    );
    return EXIT.ok;
  }
  const signature = await makeSignature(draft, message, flags);
  const { keyid } = signature.publicKey;
  if (draft.signatures.some(({ publicKey }) => publicKey.keyid === keyid)) {
    say(`${keyid} has signed it already`);
    printDraft({ draft, file }, flags.json);
    return EXIT.ok;
  }
  const signed = withSignature(draft, signature);
  if (flags.trustVersions === undefined && draft.before !== undefined) {
    say('the versions before it came with the draft: --trust-versions FILE compares them with your own');
  }
  printDraft(await writeDraft(flags.output ?? file, signed), flags.json);
  return EXIT.ok;
}

function refuseContradictions({ key, toSign, signature, publicKey, passphraseFile }: SignFlags): void {
  const wrong = (message: string) => new CommandFailure('usage', message);
  if ([key, toSign, signature].filter((flag) => flag !== undefined).length !== 1) {
    throw wrong('pass --key FILE to sign; or --to-sign FILE and later --signature FILE, for a key in hardware');
  }
  if ((signature === undefined) !== (publicKey === undefined)) throw wrong('--signature and --public-key go together');
  if (passphraseFile !== undefined && key === undefined) throw wrong('--passphrase-file goes with --key');
}

/** Than the one that the signer looked at, or than one that comes after all that the signer knows. */
async function refuseOtherDraft(draft: TrustDraft, file: string, flags: SignFlags): Promise<void> {
  if (flags.digest !== undefined && flags.digest !== draft.digest) {
    throw trustRefusal(`${file} is another draft than the one of --digest; nothing was signed`, {
      code: 'bad_value',
      detail: 'its digest differs',
      expected: flags.digest,
      computed: draft.digest,
    });
  }
  if (flags.trustVersions === undefined) return;
  refuseOlderBase(draft, await readVersions(flags.trustVersions, flags.trustRoot));
}

async function makeSignature(draft: TrustDraft, message: Uint8Array, flags: SignFlags): Promise<EnvelopeSignature> {
  const key =
    flags.key === undefined
      ? await signedElsewhere(flags.signature ?? '', flags.publicKey ?? '')
      : await loadRootKey(flags.key, flags.passphraseFile);
  const { publicKey } = key;
  if (rootKeyOf(draft, publicKey.keyid) === undefined) {
    throw new CommandFailure('usage', `${publicKey.keyid} is none of the root keys: nothing was signed`);
  }
  const sig = await key.sign(message);
  const checked = await checkSignature(publicKey, sig, message);
  if (checked.ok) return { publicKey, sig };
  const { code, detail } = checked;
  throw new CommandFailure('evidence_refused', 'that is no signature of this draft by this key', {
    checks: [{ id: 'signatures', code, detail }],
  });
}

async function signedElsewhere(file: string, key: string): Promise<SigningKey> {
  const publicKey = await readPublicKey(key, '--public-key');
  const sig = new Uint8Array(await readInput(file, MAX_SIGNATURE_BYTES));
  return { publicKey, sign: async () => sig };
}
