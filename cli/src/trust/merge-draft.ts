import { canonicalJson } from '@assent/verifier';
import { type TrustDraft, withSignature } from './draft.ts';
import { trustRefusal } from './refusal.ts';

/**
 * The draft with the signatures of another copy of it; both were read, so that every signature in them is verified.
 *
 * The payload commits to everything that is signed: the members with their salt, and the version before. What the copies say of the
 * versions before is compared too, as a list by other signers would not be the one that the first signer looked at.
 *
 * @param names of the two files, for messages. Throws a CommandFailure for copies of different drafts.
 */
export function mergeDraft(
  draft: TrustDraft,
  copy: TrustDraft,
  { first, file }: { readonly first: string; readonly file: string },
): TrustDraft {
  const refuse = (what: string, detail: string, values: { readonly expected?: string; readonly computed?: string }) =>
    trustRefusal(`${file} is ${what} than ${first}; nothing was merged`, { code: 'bad_value', detail, ...values });
  if (copy.digest !== draft.digest) {
    throw refuse('another draft', 'its digest differs', { expected: draft.digest, computed: copy.digest });
  }
  if (canonicalJson([...(copy.before?.items ?? [])]) !== canonicalJson([...(draft.before?.items ?? [])])) {
    throw refuse('a draft after another list of versions', 'the versions before it are signed by others', {});
  }
  const signers = new Set(draft.signatures.map(({ publicKey }) => publicKey.keyid));
  return copy.signatures.filter(({ publicKey }) => !signers.has(publicKey.keyid)).reduce(withSignature, draft);
}
