/**
 * The report of a verification (formats.md §11): always the same thirteen checks in the same order, and a verdict that follows
 * from them alone.
 *
 * - **invalid**: an evidence check failed. **incomplete**: none failed, but one could not be made.
 * - **refused**: the evidence holds, and an authorization check fails or the decision is not `approved`.
 * - **authentic**: the evidence holds and nothing failed, but some authorization checks had no input.
 * - **authorized**: every check passed.
 */
import type { ApprovalMethod, Attestation, Decision } from './approval.ts';
import type { JsonObject } from './canonical-json.ts';
import type { FailureCode } from './failure-codes.ts';
import type { SignatureAlgorithm } from './primitives.ts';
import type { ForeignRecord } from './profiles/profile.ts';
import type { Failure } from './result.ts';

export const REPORT_TYPE = 'assent/report/v1';

/** What each check claims when it passes. The first seven are about evidence, the others about authorization. */
export const CHECK_TITLES = {
  receipt: 'The receipt is well formed',
  entry: 'The entry is well formed',
  inclusion: 'The entry is in the tree',
  checkpoint: 'The log signed this tree head',
  witnesses: 'Enough witnesses saw this tree head',
  content: 'What was decided is intact',
  signatures: 'Every signature verifies',
  intent: 'It approves exactly your action',
  trust: 'The signers may approve',
  revocation: 'No signer’s key was revoked',
  policy: 'The policy is satisfied',
  window: 'It was logged in time and has not expired',
  use: 'It was not used before',
} as const;

/** The title of `witnesses` when it passes with `no_quorum`: it must not claim what nobody asked for. */
export const NO_QUORUM_TITLE = 'No witnesses were asked for';

/** The title of `use` when it passes for an approval that may be used more than once. */
export const MANY_USES_TITLE = 'It may be used more than once';

export type CheckId = keyof typeof CHECK_TITLES;
export const CHECK_IDS = Object.keys(CHECK_TITLES) as readonly CheckId[];
export const EVIDENCE_CHECK_IDS: readonly CheckId[] = CHECK_IDS.slice(0, 7);

export type Check = {
  readonly id: CheckId;
  readonly status: 'pass' | 'fail' | 'skip';
  /** Why it failed or was not made. On a pass only `no_quorum`: it passes, but on the log's word alone. */
  readonly code?: FailureCode;
  readonly title: string;
  readonly detail: string;
  /** What should have been, and what was found instead, where two values were compared. */
  readonly expected?: string;
  readonly computed?: string;
};

export type Verdict = 'authorized' | 'authentic' | 'refused' | 'incomplete' | 'invalid';

/** What the pinned trust root says of a key: never a name that a receipt or a statement gives it. */
export type ListedAs =
  | { readonly as: 'approver'; readonly holder: string; readonly roles: readonly string[] }
  | { readonly as: 'service' | 'boundary'; readonly name: string };

/** One who signed. Whom the key belongs to is for the trust root to say. */
export type SignerFacts = {
  readonly keyid: string;
  readonly kind: 'passkey' | 'key';
  readonly algorithm: SignatureAlgorithm;
  /** Absent where there is no trust root for the statement, or it did not list the key when this was logged. Whether it counts the checks say. */
  readonly listed?: ListedAs;
  /** Passkeys only: where the person was, and what the authenticator says that it checked. */
  readonly origin?: string;
  readonly top_origin?: string;
  readonly cross_origin?: boolean;
  readonly rp_id_hash?: string;
  readonly user_verified?: boolean;
  readonly backed_up?: boolean;
};

/** What the statement says, with members named as there. */
export type ApprovalFacts = {
  readonly statement_digest: string;
  readonly decision: Decision;
  readonly service: string;
  readonly id: string;
  readonly requester: string;
  readonly action: string;
  readonly connector: string;
  readonly intent_digest: string;
  readonly policy?: { readonly digest: string; readonly rule: string };
  readonly organization?: string;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly use: 'single' | 'multiple';
  readonly boundaries?: readonly string[];
  /** The service's word about humans that it authenticated, which is not their signature. */
  readonly attested?: readonly Attestation[];
};

/** One who approved: by a signature, or as a listed service says (`attested:…`). */
export type CountedApprovalFacts = {
  readonly holder: string;
  readonly roles: readonly string[];
  readonly method: ApprovalMethod;
  /** Passkeys only. */
  readonly user_verified?: boolean;
};

export type VerifiedApprovalFacts = ApprovalFacts & {
  readonly signers: readonly SignerFacts[];
  /** Whose approvals count, as the trust root has it; only when `trust` and `revocation` passed. */
  readonly approvals?: readonly CountedApprovalFacts[];
  /** Revealed or disclosed, and of the digest that was signed. */
  readonly intent?: { readonly args: JsonObject; readonly schema?: string };
  /** The text that was shown, disclosed and of the digest that was signed. */
  readonly display?: string;
};

/** What a consumption says, with members named as there, and the key that signed it. */
export type ConsumptionFacts = {
  readonly approval: string;
  readonly intent: string;
  readonly boundary: string;
  readonly attempt: string;
  readonly at: string;
  readonly keyid: string;
};

/** What a version of a trust root says, with members named as there, and whose keys signed it. */
export type TrustRootFacts = {
  readonly digest: string;
  readonly name: string;
  readonly version: number;
  readonly previous?: string;
  readonly issued_at: string;
  readonly expires_at: string;
  /** Keyids, and how many of them have to sign. */
  readonly root: { readonly keys: readonly string[]; readonly threshold: number };
  /** The commitment. */
  readonly members: string;
  readonly keyids: readonly string[];
};

/**
 * What evidence of another system says, in that system's words (formats.md §10). It decides nothing under a policy of ours: whoever
 * acts upon it has to believe what the format can't prove.
 */
export type ForeignFacts = Omit<ForeignRecord, 'cannotProve'> & {
  /** Cosignet, SignedApproval, AgentMint, in-toto, or DSSE for any other payload type. */
  readonly format: string;
  readonly payload_type: string;
  /** What identifies it in the log: `sha256:<hex>` over the payload's type and bytes. */
  readonly digest: string;
  readonly signers: readonly SignerFacts[];
  /** In plain words; each completes "it cannot prove …". */
  readonly cannot_prove: readonly string[];
};

export type LogFacts = {
  readonly origin: string;
  readonly index: number;
  readonly size: number;
  /** `sha256:<hex>`. */
  readonly root: string;
  readonly leaf_hash: string;
  /** The log's clock; absent where the entry could not be read. */
  readonly logged_at?: string;
  /** The commitment, where the entry is sealed, opened in the receipt or not. */
  readonly sealed?: string;
  /** The signed note, verbatim. */
  readonly checkpoint: string;
};

/** Who cosigned the tree head, of the witnesses in the caller's log policy. */
export type WitnessFacts = {
  /** By the names that the policy gives them, each with its earliest cosignature, in the order of time. */
  readonly witnesses: readonly { readonly name: string; readonly time: string }[];
  /** The least time at which these cosignatures meet the policy's quorum; absent if they don't, or it asks for none. */
  readonly seen_by?: string;
};

export type Report = {
  readonly type: typeof REPORT_TYPE;
  readonly verdict: Verdict;
  /** One sentence for a person. */
  readonly summary: string;
  readonly checks: readonly Check[];
  /** Only when `content` and `signatures` passed. */
  readonly approval?: VerifiedApprovalFacts;
  /** What a statement says that could be read, but whose checks did not pass. */
  readonly unverified_approval?: ApprovalFacts;
  /** Of an entry that is one, only when `content` and `signatures` passed. */
  readonly consumption?: ConsumptionFacts;
  readonly trust_root?: TrustRootFacts;
  /** Of another system's payload, only when `content` and `signatures` passed. */
  readonly foreign?: ForeignFacts;
  /** Only when `entry`, `inclusion` and `checkpoint` passed. */
  readonly log?: LogFacts & WitnessFacts;
  /** What the proof says, where these checks did not all pass. */
  readonly unverified_log?: LogFacts;
};

type Values = { readonly expected?: string; readonly computed?: string };

export function passed(id: CheckId, detail: string, values: Values & { readonly code?: 'no_quorum' } = {}): Check {
  const title = id === 'witnesses' && values.code === 'no_quorum' ? NO_QUORUM_TITLE : CHECK_TITLES[id];
  return { id, status: 'pass', title, detail, ...values };
}

export function failed(id: CheckId, failure: Omit<Failure, 'ok'>, values: Values = {}): Check {
  return { id, status: 'fail', code: failure.code, title: CHECK_TITLES[id], detail: failure.detail, ...values };
}

/** Failed, or skipped where it is the verifier that lacks something: an unknown format, an algorithm. */
export function failedOrUnsupported(id: CheckId, failure: Omit<Failure, 'ok'>): Check {
  return failure.code === 'unsupported' ? skipped(id, 'unsupported', `${failure.detail}.`) : failed(id, failure);
}

export function skipped(id: CheckId, code: FailureCode, detail: string): Check {
  return { id, status: 'skip', code, title: CHECK_TITLES[id], detail };
}

/** What `checks` amount to. `decision` is the verified one, where the payload says one: not every kind of entry does (none). */
export function verdictOf(checks: readonly Check[], decision: Decision | 'none' | undefined): Verdict {
  const evidence = checks.filter(({ id }) => EVIDENCE_CHECK_IDS.includes(id));
  if (evidence.some(({ status }) => status === 'fail')) return 'invalid';
  if (evidence.some(({ status }) => status === 'skip')) return 'incomplete';
  if (decision === 'rejected' || decision === 'expired') return 'refused';
  if (checks.some(({ status }) => status === 'fail')) return 'refused';
  return decision !== 'approved' || checks.some(({ status }) => status === 'skip') ? 'authentic' : 'authorized';
}
