/** What the signatures of an approval count for, by a verified trust root (formats.md §3 and §7). */
import { APPROVAL_PAYLOAD_TYPE, type ApprovalMethod, type Statement } from './approval.ts';
import type { VerifiedSignature } from './dsse.ts';
import type { ListedAs } from './report.ts';
import { fail, ok, type Result } from './result.ts';
import type { Sha256 } from './sha256.ts';
import { listed, type Moments, versionInForce } from './trust-lookup.ts';
import type { TrustChain, TrustedService, TrustMembers } from './trust-root.ts';
import { checkPasskeyOrigin } from './trusted-origin.ts';

/** What counts towards a policy: one signature by a listed approver, or one attestation by a listed service. */
export type CountedApproval = {
  readonly holder: string;
  /** Those that held when it was logged, and when witnesses saw it. */
  readonly roles: readonly string[];
  readonly method: ApprovalMethod;
  /** Passkeys only. */
  readonly userVerified?: boolean;
};

export type SignedStatement = {
  readonly statement: Statement;
  readonly signers: readonly VerifiedSignature[];
  readonly moments: Moments;
  readonly chain: TrustChain;
  readonly hash: Sha256;
};

export type CountedSigners = {
  readonly approvals: readonly CountedApproval[];
  /** In words, for the detail. */
  readonly trusted: readonly string[];
  readonly untrusted: readonly string[];
};

/** Fails for the first listed signer who may not sign this, or not so. */
export function countSigners(judged: SignedStatement, listedAs: ReadonlyMap<string, ListedAs>): Result<CountedSigners> {
  const approvals: CountedApproval[] = [];
  const trusted: string[] = [];
  const untrusted: string[] = [];
  for (const signer of judged.signers) {
    const { keyid } = signer.publicKey;
    const as = listedAs.get(keyid);
    if (as === undefined) {
      untrusted.push(`${keyid} is not listed`);
      continue;
    }
    const counted = countSigner(judged, signer, as);
    if (!counted.ok) return fail(counted.code, `${nameOf(as)} (${keyid}): ${counted.detail}`);
    if (counted.value === undefined) untrusted.push(`${nameOf(as)} is not a service that may say this`);
    else {
      approvals.push(...counted.value);
      trusted.push(nameOf(as));
    }
  }
  return ok({ approvals, trusted, untrusted });
}

/** What one listed signer's signature counts for; undefined if it is a service's that has no say here. */
function countSigner(
  judged: SignedStatement,
  signer: VerifiedSignature,
  { as }: ListedAs,
): Result<readonly CountedApproval[] | undefined> {
  switch (as) {
    case 'approver':
      return countApprover(judged, signer);
    case 'service':
      return countService(judged, signer);
    case 'boundary':
      return fail('wrong_signer', 'it is listed as a boundary, which approves nothing');
  }
}

function countApprover(
  { chain, moments, hash }: SignedStatement,
  signer: VerifiedSignature,
): Result<readonly CountedApproval[]> {
  const entries = listed(chain, moments, ({ approvers }) => approvers.get(signer.publicKey.keyid));
  if (!entries.ok) return entries;
  const [first, ...others] = entries.value;
  if (first.kind !== signer.kind) {
    return fail('wrong_signer', `it is listed as a ${first.kind}, and signed as a ${signer.kind}`);
  }
  const roles = first.roles.filter((role) => others.every((other) => other.roles.includes(role)));
  if (signer.kind === 'key') return ok([{ holder: first.holder, roles, method: 'key' }]);
  for (const entry of entries.value) {
    const where = checkPasskeyOrigin(entry, signer.assertion, hash);
    if (!where.ok) return where;
  }
  const { userVerified } = signer.assertion;
  return ok([{ holder: first.holder, roles, method: 'passkey', userVerified }]);
}

function countService(
  { chain, moments, statement }: SignedStatement,
  signer: VerifiedSignature,
): Result<readonly CountedApproval[] | undefined> {
  const entries = listed(chain, moments, ({ services }) => services.get(signer.publicKey.keyid));
  if (!entries.ok) return entries;
  if (signer.kind === 'passkey') return fail('wrong_signer', 'it is listed as a service, and signed as a passkey');
  const maySay = ({ name, payload_types }: TrustedService) =>
    name === statement.service && payload_types.includes(APPROVAL_PAYLOAD_TYPE);
  if (!entries.value.every(maySay)) return ok(undefined);
  // Each once: a statement may repeat itself a hundred thousand times, and what counts people would then take minutes.
  const said = new Map<string, CountedApproval>();
  for (const { approver, role, method } of statement.attested ?? []) {
    const maySayIt = ({ methods, attests }: TrustedService) =>
      methods.includes(method) && attests.get(approver)?.includes(role) === true;
    if (entries.value.every(maySayIt)) {
      said.set(`${approver} ${role} ${method}`, { holder: approver, roles: [role], method: `attested:${method}` });
    }
  }
  return ok([...said.values()]);
}

/** By keyid, what the version in force when it was logged lists the signers as. */
export function listedSigners({ chain, moments, signers }: SignedStatement): ReadonlyMap<string, ListedAs> {
  const inForce = versionInForce(chain, moments.loggedAt);
  const listedAs = new Map<string, ListedAs>();
  for (const { publicKey } of signers) {
    const as = inForce && listing(inForce.members, publicKey.keyid);
    if (as !== undefined) listedAs.set(publicKey.keyid, as);
  }
  return listedAs;
}

/** For people: whose key it is, as the members say, and its keyid. */
export function nameOfKey(members: TrustMembers, keyid: string): string {
  const as = listing(members, keyid);
  return as === undefined ? keyid : `${nameOf(as)} (${keyid})`;
}

function listing({ approvers, services, boundaries }: TrustMembers, keyid: string): ListedAs | undefined {
  const approver = approvers.get(keyid);
  if (approver !== undefined) return { as: 'approver', holder: approver.holder, roles: approver.roles };
  const service = services.get(keyid);
  if (service !== undefined) return { as: 'service', name: service.name };
  const boundary = boundaries.get(keyid);
  return boundary && { as: 'boundary', name: boundary.name };
}

function nameOf(listedAs: ListedAs): string {
  if (listedAs.as !== 'approver') return `${listedAs.as} ${listedAs.name}`;
  return listedAs.roles.length === 0 ? listedAs.holder : `${listedAs.holder} (${listedAs.roles.join(', ')})`;
}
