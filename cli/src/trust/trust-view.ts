/** One version of a trust root, explained: what it says, who made it, and what it changed. */
import {
  formatTrustMembers,
  type JsonObject,
  parseEnvelope,
  type TrustMembers,
  type TrustRoot,
  trustRootDigest,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { type TrustChange, trustChanges } from './changes.ts';
import { rootIdOf, type TrustDraft, type TrustVersions } from './draft.ts';
import { draftChanges } from './draft-status.ts';
import { type SigningProgress, signingProgress } from './signatures.ts';
import type { TrustFile } from './trust-file.ts';

export const TRUST_VIEW_TYPE = 'assent/trust-root-view/v1';

export type TrustView = {
  readonly type: typeof TRUST_VIEW_TYPE;
  readonly root_id: string;
  readonly name: string;
  readonly version: number;
  /** Not yet a version. */
  readonly draft: boolean;
  readonly digest: string;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly root: {
    readonly threshold: number;
    readonly keyids: readonly string[];
    readonly signed_by: readonly string[];
  };
  readonly members: JsonObject;
  /** Since the version before. */
  readonly changes: readonly TrustChange[];
  /** Of a draft. */
  readonly signatures?: SigningProgress;
  /** All that are in the file, a draft's own last. */
  readonly versions: readonly { readonly version: number; readonly digest: string; readonly issued_at: string }[];
};

export type ViewedVersion = { readonly view: TrustView; readonly members: TrustMembers };

/** @param number of the version; the newest one, or the draft, unless it is given. */
export function viewTrustFile(file: TrustFile, number: number | undefined): ViewedVersion {
  const draft = file.kind === 'draft' ? file.draft : undefined;
  const versions = file.kind === 'draft' ? file.draft.before : file.versions;
  if (draft !== undefined && (number === undefined || number === draft.trustRoot.version)) return viewDraft(draft);
  const newest = versions?.verified.chain.versions.length ?? 0;
  if (versions === undefined || (number !== undefined && number > newest)) {
    throw new CommandFailure('usage', `--version: the file has versions 1 to ${draft?.trustRoot.version ?? newest}`);
  }
  return viewVersion(versions, number ?? newest);
}

function viewDraft(draft: TrustDraft): ViewedVersion {
  const { before, trustRoot, members, digest } = draft;
  const { name, version, issued_at, expires_at } = trustRoot;
  const signatures = signingProgress(draft);
  return {
    members,
    view: {
      type: TRUST_VIEW_TYPE,
      root_id: rootIdOf(draft),
      name,
      version,
      draft: true,
      digest,
      issued_at,
      expires_at,
      root: rootView(trustRoot, signatures.signed_by),
      members: formatTrustMembers(members),
      changes: draftChanges(draft),
      signatures,
      versions: [...listVersions(before), { version, digest, issued_at }],
    },
  };
}

function viewVersion(versions: TrustVersions, number: number): ViewedVersion {
  const { chain, payloads } = versions.verified;
  const [shown, trustRoot] = [chain.versions[number - 1], payloads[number - 1]];
  if (shown === undefined || trustRoot === undefined) throw new RangeError('number: of no version');
  const [before, rootBefore] = [chain.versions[number - 2], payloads[number - 2]];
  const { name, version, issued_at, expires_at, members, digest } = shown;
  const after = { name, members, root: trustRoot.root };
  return {
    members,
    view: {
      type: TRUST_VIEW_TYPE,
      root_id: chain.rootId,
      name,
      version,
      draft: false,
      digest,
      issued_at,
      expires_at,
      root: rootView(trustRoot, signersOf(versions, digest)),
      members: formatTrustMembers(members),
      changes: trustChanges(before && rootBefore && { ...before, root: rootBefore.root }, after),
      versions: listVersions(versions),
    },
  };
}

function rootView({ root }: TrustRoot, signedBy: readonly string[]): TrustView['root'] {
  return { threshold: root.threshold, keyids: [...root.keys.keys()], signed_by: signedBy };
}

function signersOf({ items }: TrustVersions, digest: string): readonly string[] {
  for (const { envelope } of items) {
    const read = parseEnvelope(envelope ?? null);
    if (read.ok && trustRootDigest(read.value.payload) === digest) {
      return read.value.signatures.map(({ publicKey }) => publicKey.keyid);
    }
  }
  return [];
}

function listVersions(versions: TrustVersions | undefined): TrustView['versions'] {
  return (versions?.verified.chain.versions ?? []).map(({ version, digest, issued_at }) => ({
    version,
    digest,
    issued_at,
  }));
}
