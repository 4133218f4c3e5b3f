/** What the commands about trust roots take: the versions that are there, or a draft of the next one. */
import {
  type Json,
  parseJson,
  parseReceipt,
  RECEIPT_TYPE,
  type TrustMembers,
  type TrustRoot,
  type VerifiedTrustRoot,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { notStrict, readInput, readJsonInput } from '../files/read-input.ts';
import { isObject } from '../http/problem.ts';
import { rootIdOf, type TrustDraft, type TrustVersions } from './draft.ts';
import { parseDraft, TRUST_DRAFT_TYPE } from './draft-document.ts';
import { trustRefusal } from './refusal.ts';
import { verifyVersions } from './versions.ts';

const MAX_BYTES = 16 * 1024 * 1024;
/** Of receipts. */
const MAX_DEPTH = 64;

export type TrustFile =
  | { readonly kind: 'versions'; readonly versions: TrustVersions }
  | { readonly kind: 'draft'; readonly draft: TrustDraft };

/** @param pinned root id that it has to begin with, if the caller knows it from elsewhere. */
export async function readTrustFile(file: string, pinned?: string): Promise<TrustFile> {
  return trustFileOf(await readJsonInput(file, 'the trust root', MAX_BYTES), file, pinned);
}

/** The same for whoever only looks: a receipt may bring versions along, chosen by whoever made it. */
export async function readTrustToShow(
  file: string,
  pinned: string | undefined,
): Promise<TrustFile & { readonly isFromReceipt: boolean }> {
  const bytes = await readInput(file, MAX_BYTES);
  const json = parseJson(bytes, { maxBytes: MAX_BYTES, maxDepth: MAX_DEPTH });
  if (!json.ok) throw notStrict('the trust root', file, json);
  if (!isObject(json.value) || json.value.type !== RECEIPT_TYPE) {
    return { ...(await trustFileOf(json.value, file, pinned)), isFromReceipt: false };
  }
  const receipt = parseReceipt(bytes);
  if (!receipt.ok) throw new CommandFailure('file_malformed', `${file}: ${receipt.detail} (${receipt.code})`);
  const { trust } = receipt.value;
  if (trust === undefined) throw new CommandFailure('usage', `${file} is a receipt that brings no trust root along`);
  return { ...(await trustFileOf(trust, file, pinned)), isFromReceipt: true };
}

async function trustFileOf(json: Json, file: string, pinned: string | undefined): Promise<TrustFile> {
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
