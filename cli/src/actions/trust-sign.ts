import { checkSignature, preAuthEncoding, TRUST_ROOT_PAYLOAD_TYPE } from '@assent/verifier';
import type { SignFlags } from '../commands/trust-sign.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { say } from '../terminal/output.ts';
import { writeDraft } from '../trust/change.ts';
import { rootKeyOf, withSignature } from '../trust/draft.ts';
import { printDraft } from '../trust/draft-status.ts';
import { refuseOlderBase } from '../trust/extends.ts';
import { loadRootKey } from '../trust/root-key-file.ts';
import { readDraft, readVersions } from '../trust/trust-file.ts';

export async function trustSign(file: string, flags: SignFlags): Promise<ExitCode> {
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
    return EXIT.ok;
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
  return EXIT.ok;
}
