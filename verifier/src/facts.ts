/** The facts that a report tells people (formats.md §11), out of what was read and, where it says so, verified. */
import type { Statement } from './approval.ts';
import { hexEncode } from './bytes.ts';
import type { ContentEvidence } from './content.ts';
import type { VerifiedSignature } from './dsse.ts';
import type {
  ApprovalFacts,
  ConsumptionFacts,
  CountedApprovalFacts,
  ForeignFacts,
  ListedAs,
  SignerFacts,
  TrustRootFacts,
  VerifiedApprovalFacts,
} from './report.ts';
import type { CountedApproval, TrustJudgement } from './trust-check.ts';

/** Undefined unless `content` and `signatures` passed: what is shown as decided must be what was signed. */
export function verifiedApprovalFacts(
  evidence: ContentEvidence,
  display: string | undefined,
  judged?: TrustJudgement,
): VerifiedApprovalFacts | undefined {
  const { statement, statementDigest, signers, intent } = evidence;
  if (statement === undefined || statementDigest === undefined || signers === undefined) return undefined;
  return {
    ...statementFacts(statement, statementDigest),
    signers: signers.map((signer) => signerFacts(signer, judged?.listed?.get(signer.publicKey.keyid))),
    ...(judged?.approvals && { approvals: judged.approvals.map(countedFacts) }),
    ...(intent && { intent: { args: intent.args, ...(intent.schema !== undefined && { schema: intent.schema }) } }),
    // Disclosed text that is off its digest fails `content`, so there is no statement here then.
    ...(display !== undefined && { display }),
  };
}

/** What a statement says, verified or not. */
export function approvalFacts({
  statement,
  unverifiedStatement,
  statementDigest,
}: ContentEvidence): ApprovalFacts | undefined {
  const readable = statement ?? unverifiedStatement;
  return readable === undefined || statementDigest === undefined
    ? undefined
    : statementFacts(readable, statementDigest);
}

/** Undefined unless `content` and `signatures` passed. */
export function consumptionFacts({ consumption, signers }: ContentEvidence): ConsumptionFacts | undefined {
  const keyid = signers?.[0]?.publicKey.keyid;
  if (consumption === undefined || keyid === undefined) return undefined;
  const { type: _, ...facts } = consumption;
  return { ...facts, keyid };
}

/** Undefined unless `content` and `signatures` passed. */
export function trustRootFacts({ trustRoot, statementDigest, signers }: ContentEvidence): TrustRootFacts | undefined {
  if (trustRoot === undefined || statementDigest === undefined || signers === undefined) return undefined;
  const { type: _, root, ...facts } = trustRoot;
  return {
    digest: statementDigest,
    ...facts,
    root: { keys: [...root.keys.keys()], threshold: root.threshold },
    keyids: signers.map(({ publicKey }) => publicKey.keyid),
  };
}

/** Undefined unless `content` and `signatures` passed. */
export function foreignFacts({ foreign, statementDigest, signers }: ContentEvidence): ForeignFacts | undefined {
  if (foreign === undefined || statementDigest === undefined || signers === undefined) return undefined;
  const { format, payloadType, decision, cannotProve, ...record } = foreign;
  return {
    format,
    payload_type: payloadType,
    digest: statementDigest,
    decision,
    ...record,
    signers: signers.map((signer) => signerFacts(signer, undefined)),
    cannot_prove: cannotProve,
  };
}

function statementFacts(statement: Statement, statementDigest: string): ApprovalFacts {
  const { type: _type, log: _log, intent, display: _display, ...rest } = statement;
  return {
    statement_digest: statementDigest,
    action: intent.action,
    connector: intent.connector,
    intent_digest: intent.digest,
    ...rest,
  };
}

function countedFacts({ userVerified, ...approval }: CountedApproval): CountedApprovalFacts {
  return { ...approval, ...(userVerified !== undefined && { user_verified: userVerified }) };
}

function signerFacts(signature: VerifiedSignature, listedAs: ListedAs | undefined): SignerFacts {
  const { keyid, algorithm } = signature.publicKey;
  const listed = listedAs === undefined ? {} : { listed: listedAs };
  if (signature.kind === 'key') return { keyid, kind: 'key', algorithm, ...listed };
  const { origin, topOrigin, crossOrigin, rpIdHash, userVerified, backedUp } = signature.assertion;
  return {
    keyid,
    kind: 'passkey',
    algorithm,
    ...listed,
    origin,
    ...(topOrigin !== undefined && { top_origin: topOrigin }),
    cross_origin: crossOrigin,
    rp_id_hash: `sha256:${hexEncode(rpIdHash)}`,
    user_verified: userVerified,
    backed_up: backedUp,
  };
}
