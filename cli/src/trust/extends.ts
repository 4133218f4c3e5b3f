/** One list of versions goes on from another: the same versions, and maybe more. */
import type { TrustDraft, TrustVersions } from './draft.ts';
import { trustRefusal } from './refusal.ts';

/** Throws a CommandFailure unless `longer` begins with all of `shorter`. @param whose of `shorter`, in words. */
export function refuseOtherVersions(longer: TrustVersions | undefined, shorter: TrustVersions, whose: string): void {
  const theirs = longer?.verified.chain.versions ?? [];
  for (const [index, { version, digest }] of shorter.verified.chain.versions.entries()) {
    const there = theirs[index];
    if (there?.digest === digest) continue;
    const check =
      there === undefined
        ? { code: 'trust_chain_broken', detail: `it does not have version ${version} of ${whose}`, expected: digest }
        : {
            code: 'trust_forked',
            detail: `it has another version ${version} than ${whose}`,
            expected: digest,
            computed: there.digest,
          };
    throw trustRefusal(`this does not come after ${whose}`, check);
  }
}

/** A draft of a version that is there already must not be signed again. */
export function refuseOlderBase({ before }: TrustDraft, own: TrustVersions): void {
  refuseOtherVersions(before, own, 'the versions that you have');
}
