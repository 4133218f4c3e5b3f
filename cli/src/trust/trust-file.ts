/** What the commands about trust roots take: the versions that are there, or a draft of the next one. */
import type { TrustMembers, TrustRoot, VerifiedTrustRoot } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { readJsonInput } from '../files/read-input.ts';
import { isObject } from '../http/problem.ts';
import { rootIdOf, type TrustDraft, type TrustVersions } from './draft.ts';
import { parseDraft, TRUST_DRAFT_TYPE } from './draft-document.ts';
import { trustRefusal } from './refusal.ts';
import { verifyVersions } from './versions.ts';

const MAX_BYTES = 16 * 1024 * 1024;

export type TrustFile =
  | { readonly kind: 'versions'; readonly versions: TrustVersions }
  | { readonly kind: 'draft'; readonly draft: TrustDraft };

/** @param pinned root id that it has to begin with, if the caller knows it from elsewhere. */
export async function readTrustFile(file: string, pinned?: string): Promise<TrustFile> {
  const json = await readJsonInput(file, 'the trust root', MAX_BYTES);
  if (Array.isArray(json)) {
    const versions = await verifyVersions(json, file);
    comparePin(versions.verified.chain.rootId, pinned, file);
    return { kind: 'versions', versions };
  }
  if (isObject(json) && json.type === TRUST_DRAFT_TYPE) {
    const draft = await parseDraft(json, file);
    comparePin(rootIdOf(draft), pinned, file);
    return { kind: 'draft', draft };
  }
  const message = `${file} is neither a list of versions of a trust root nor a draft of one (${TRUST_DRAFT_TYPE})`;
  throw new CommandFailure('file_malformed', message);
}

export async function readDraft(file: string, pinned?: string): Promise<TrustDraft> {
  const read = await readTrustFile(file, pinned);
  if (read.kind === 'draft') return read.draft;
  throw new CommandFailure('usage', `${file} holds versions that are signed already: pass the draft of the next one`);
}

export async function readVersions(file: string, pinned?: string): Promise<TrustVersions> {
  const read = await readTrustFile(file, pinned);
  if (read.kind === 'versions') return read.versions;
  throw new CommandFailure('usage', `${file} is a draft: pass the list of the versions that are there`);
}

function comparePin(rootId: string, pinned: string | undefined, file: string): void {
  if (pinned === undefined || pinned === rootId) return;
  throw trustRefusal(`${file} is of another trust root`, {
    code: 'trust_chain_broken',
    detail: 'the chain does not begin with the pinned root id',
    expected: pinned,
    computed: rootId,
  });
}

export function newestOf({ chain, payloads }: VerifiedTrustRoot): {
  readonly digest: string;
  readonly trustRoot: TrustRoot;
  readonly members: TrustMembers;
} {
  const { digest, members } = chain.versions.at(-1) ?? chain.versions[0];
  return { digest, members, trustRoot: payloads.at(-1) ?? payloads[0] };
}
