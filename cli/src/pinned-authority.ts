/** What the user pins about people: a trust root, which says whose keys count, and an approval policy, which says who has to approve what. */
import { type Json, type PinnedTrustRoot, parsePolicy, verifyTrustRoot } from '@assent/verifier';
import { CommandFailure } from './failure.ts';
import { readInput, readJsonInput } from './files/read-input.ts';

const MAX_BYTES = 16 * 1024 * 1024;
const ROOT_ID = /^sha256:[0-9a-f]{64}$/;

export type AuthorityFlags = {
  readonly trustRoot?: string;
  readonly trustVersions?: string;
  readonly approvalPolicy?: string;
};

/** As the verifier takes them. */
export type PinnedAuthority = { readonly trustRoot?: PinnedTrustRoot; readonly approvalPolicy?: Uint8Array };

/** Versions and policy are the user's own, so what is wrong with them ends the command rather than a check. */
export async function readPinnedAuthority(flags: AuthorityFlags): Promise<PinnedAuthority> {
  const { trustRoot: rootId, trustVersions, approvalPolicy: policyFile } = flags;
  if (rootId === undefined && trustVersions !== undefined) {
    throw new CommandFailure('usage', '--trust-versions needs --trust-root, the id that the chain has to begin with');
  }
  const trustRoot = rootId === undefined ? undefined : await readTrustRoot(rootId, trustVersions);
  const approvalPolicy = policyFile === undefined ? undefined : await readPolicy(policyFile);
  return { ...(trustRoot && { trustRoot }), ...(approvalPolicy && { approvalPolicy }) };
}

async function readTrustRoot(rootId: string, file: string | undefined): Promise<PinnedTrustRoot> {
  if (!ROOT_ID.test(rootId)) {
    throw new CommandFailure('usage', '--trust-root takes a root id: "sha256:" and 64 lower-case hexadecimal digits');
  }
  if (file === undefined) return { rootId };
  const versions: Json = await readJsonInput(file, '--trust-versions', MAX_BYTES);
  if (!Array.isArray(versions)) {
    throw new CommandFailure('file_malformed', `${file} holds no versions of a trust root: it is not a list`);
  }
  const verified = await verifyTrustRoot(rootId, versions);
  if (verified.ok) return verified.value;
  const message = `${file} holds no versions of this trust root: ${verified.detail} (${verified.code})`;
  throw new CommandFailure('file_malformed', message);
}

async function readPolicy(file: string): Promise<Uint8Array> {
  const bytes = await readInput(file, MAX_BYTES);
  const policy = parsePolicy(bytes);
  if (policy.ok) return bytes;
  throw new CommandFailure('file_malformed', `${file} is no approval policy: ${policy.detail} (${policy.code})`);
}
