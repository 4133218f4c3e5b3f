/** How far a draft is from being a version: who signed it, and how many more have to. */
import { MAX_THRESHOLD } from '@assent/verifier';
import { rootsOf, type TrustDraft } from './draft.ts';
import { listedKeys } from './members.ts';

export type RootProgress = {
  /** Which version's root keys these are. */
  readonly version: number;
  readonly signed: number;
  readonly threshold: number;
};

export type SigningProgress = {
  /** Its own root keys first; then, from version 2 on, those of the version before. */
  readonly roots: readonly RootProgress[];
  readonly signed_by: readonly string[];
  /** Root keys that have not signed. */
  readonly may_sign: readonly string[];
  /** The least number of signatures that are still needed: who has a key in both versions counts for both. */
  readonly missing: number;
};

export function signingProgress(draft: TrustDraft): SigningProgress {
  const signers = new Set(draft.signatures.map(({ publicKey }) => publicKey.keyid));
  const all = rootsOf(draft);
  const roots = all.map(({ keys, threshold }, index) => ({
    version: draft.trustRoot.version - index,
    signed: [...keys.keys()].filter((keyid) => signers.has(keyid)).length,
    threshold,
  }));
  const maySign = [...new Set(all.flatMap(({ keys }) => [...keys.keys()]))].filter((keyid) => !signers.has(keyid));
  const needed = roots.map(({ signed, threshold }) => Math.max(0, threshold - signed));
  const inBoth = maySign.filter((keyid) => all.every(({ keys }) => keys.has(keyid))).length;
  const shared = all.length === 1 ? 0 : Math.min(inBoth, ...needed);
  const missing = needed.reduce((sum, count) => sum + count, 0) - shared;
  return { roots, signed_by: [...signers].sort(), may_sign: maySign.sort(), missing };
}

/** What a careful organization would not do, though verifiers take it. */
export function rootAdvice({ trustRoot, members }: TrustDraft): readonly string[] {
  const { keys, threshold } = trustRoot.root;
  const busy = [...keys.keys()].filter((keyid) => listedKeys(members).some(([listed]) => listed === keyid));
  const jobs = busy.map(
    (keyid) => `the root key ${keyid} is listed for something else too: a key that is used daily is stolen more easily`,
  );
  if (keys.size === 1) {
    return [
      ...jobs,

      'there is one root key: whoever has it decides who may approve, and if it is lost nobody ever can change that',
    ];
  }
  return [
    ...jobs,
    ...(threshold === 1 ? ['the threshold is 1: any one holder of a root key can change who may approve'] : []),
    ...(threshold === keys.size
      ? [`all ${keys.size} root keys have to sign: if one is lost, nobody ever can make the next version`]
      : []),
    ...(keys.size > MAX_THRESHOLD * 2
      ? [`${keys.size} root keys are many: each of them is one more that can be stolen`]
      : []),
  ];
}
