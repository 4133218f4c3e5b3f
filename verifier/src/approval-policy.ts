/**
 * Approval policies: who has to approve what (formats.md §8).
 *
 *     { "type": "assent/policy/v1", "name": "acme-payments", "rules": [ {
 *         "id": "refund-over-100", "action": "payment.*", "connector": "stripe/*",
 *         "reason": "Refunds over 100 need finance and security",
 *         "when": [ { "path": "/args/amount", "gt": "100" } ],
 *         "effect": "approve",                                   // allow | approve | deny
 *         "require": { "approvals": 2, "roles": ["finance", "security"], "distinct_roles": true,
 *                      "methods": ["passkey"], "user_verification": true, "max_ttl_seconds": 900, "use": "single" },
 *         "accepts": [ "sha256:<digest of an older policy whose approvals still count>" ] } ] }
 *
 * `policy digest = SHA-256(JCS(policy))`; defaults are not filled in before. The first rule that matches is the rule, and
 * what no rule matches is denied. A policy is read whole or not at all: a rule that one verifier skips would let another
 * rule decide.
 */

import type { ApprovalMethod } from './approval.ts';
import { ATTESTED_METHODS } from './approval.ts';
import { hexEncode } from './bytes.ts';
import { canonicalBytes, type Json, type JsonObject } from './canonical-json.ts';
import {
  arrayOf,
  boolean,
  checkJson,
  digest,
  documentType,
  type Field,
  identifier,
  integer,
  MAX_DOCUMENT_DEPTH,
  named,
  nonEmpty,
  object,
  oneOf,
  optional,
  setOf,
  text,
} from './document.ts';
import { parseJson } from './json.ts';
import { type Condition, condition } from './policy-conditions.ts';
import { actionPattern, connectorPattern } from './policy-pattern.ts';
import { fail, ok, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';

export const POLICY_TYPE = 'assent/policy/v1';
export const POLICY_EFFECTS = ['allow', 'approve', 'deny'] as const;
/** Far above any policy that a person could review. */
export const MAX_POLICY_BYTES = 1024 * 1024;
const MAX_RULES = 1000;
const MAX_CONDITIONS = 100;
const MAX_APPROVALS = 100;
const MAX_ROLES = 100;
const MAX_ACCEPTED = 1000;
const MAX_REASON = 1000;
/** Some thirty years. */
const MAX_TTL_SECONDS = 1_000_000_000;

export type PolicyEffect = (typeof POLICY_EFFECTS)[number];

/** Members as in the document. */
export type PolicyRequirement = {
  /** How many people, each with one of the roles. */
  readonly approvals: number;
  readonly roles: readonly string[];
  /** Every role is filled, each by a different person. */
  readonly distinct_roles?: boolean;
  /** Default: passkeys alone. */
  readonly methods?: readonly ApprovalMethod[];
  /** Of passkeys. Default: true. */
  readonly user_verification?: boolean;
  /** From `issued_at` to `expires_at`. */
  readonly max_ttl_seconds?: number;
  /** Default: single. */
  readonly use?: 'single' | 'multiple';
};

export type PolicyRule = {
  readonly id: string;
  readonly action: string;
  readonly connector: string;
  /** For people. */
  readonly reason?: string;
  /** All of them. */
  readonly when?: readonly Condition[];
  readonly effect: PolicyEffect;
  /** With the effect `approve`, and with no other. */
  readonly require?: PolicyRequirement;
  /** Digests of older policies whose approvals still count under this rule. */
  readonly accepts?: readonly string[];
};

/** From {@link parsePolicy}. Make one in no other way: its rules are not checked again. */
export type ApprovalPolicy = {
  readonly type: typeof POLICY_TYPE;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
};

const APPROVAL_METHODS: readonly ApprovalMethod[] = [
  'passkey',
  'key',
  ...ATTESTED_METHODS.map((method) => `attested:${method}` as const),
];

const reason: Field<string> = (value) => {
  const words = text(value);
  return words.ok && words.value.length > MAX_REASON ? fail('too_large', ` is over ${MAX_REASON} characters`) : words;
};

const conditions: Field<readonly Condition[]> = (value) => {
  if (Array.isArray(value) && value.length > MAX_CONDITIONS)
    return fail('too_large', ` has more than ${MAX_CONDITIONS} items`);
  return nonEmpty(arrayOf(condition))(value);
};

const ruleMembers = object({
  id: identifier,
  action: actionPattern,
  connector: connectorPattern,
  reason: optional(reason),
  when: optional(conditions),
  effect: oneOf(...POLICY_EFFECTS),
  require: optional(
    object({
      approvals: integer(1, MAX_APPROVALS),
      roles: setOf(identifier, MAX_ROLES),
      distinct_roles: optional(boolean),
      methods: optional(setOf(oneOf(...APPROVAL_METHODS), APPROVAL_METHODS.length)),
      user_verification: optional(boolean),
      max_ttl_seconds: optional(integer(1, MAX_TTL_SECONDS)),
      use: optional(oneOf('single', 'multiple')),
    }),
  ),
  accepts: optional(setOf(digest, MAX_ACCEPTED)),
});

const rule: Field<PolicyRule> = (value) => {
  const read = ruleMembers(value);
  if (!read.ok) return read;
  if (read.value.effect === 'approve') {
    return read.value.require === undefined
      ? fail('missing_member', '.require is missing, and the effect is approve')
      : read;
  }
  // Whoever reads "allow" beside "two approvals" would take the one or the other for true.
  return read.value.require === undefined
    ? read
    : fail('bad_value', `.require stands there, and the effect is ${read.value.effect}`);
};

const rules: Field<readonly PolicyRule[]> = (value) => {
  if (Array.isArray(value) && value.length > MAX_RULES) return fail('too_large', ` has more than ${MAX_RULES} items`);
  const read = arrayOf(rule)(value);
  // A statement names its rule by the id.
  return read.ok && new Set(read.value.map(({ id }) => id)).size !== read.value.length
    ? fail('bad_value', ' holds two rules of one id')
    : read;
};

const policyMembers = object({ type: documentType(POLICY_TYPE), name: identifier, rules });

type ReadPolicy = { readonly policy: ApprovalPolicy; readonly canonical: Uint8Array };

function readPolicy(value: Json): Result<ReadPolicy> {
  const sound = named('policy', checkJson(value));
  if (!sound.ok) return sound;
  const canonical = canonicalBytes(value);
  if (canonical.length > MAX_POLICY_BYTES) return fail('too_large', `policy is over ${MAX_POLICY_BYTES} bytes`);
  const policy = named('policy', policyMembers(value));
  return policy.ok ? ok({ policy: policy.value, canonical }) : policy;
}

function readPolicyText(policy: Json | Uint8Array): Result<ReadPolicy> {
  if (typeof policy !== 'string' && !(policy instanceof Uint8Array)) return readPolicy(policy);
  const value = parseJson(policy, { maxDepth: MAX_DOCUMENT_DEPTH, maxBytes: MAX_POLICY_BYTES });
  return value.ok ? readPolicy(value.value) : named('policy: ', value);
}

/**
 * Reads a policy from its JSON text, which need not be canonical, or from a parsed value. Fails with the codes of
 * {@link parseJson} and of members; `unsupported` if it is of another type.
 */
export function parsePolicy(policy: Json | Uint8Array): Result<ApprovalPolicy> {
  const read = readPolicyText(policy);
  return read.ok ? ok(read.value.policy) : read;
}

/** The policy's canonical bytes. Throws TypeError naming what is wrong with the fields: the caller made them. */
export function formatPolicy(fields: Omit<ApprovalPolicy, 'type'>): Uint8Array {
  const policy = readPolicy({ ...fields, type: POLICY_TYPE });
  if (!policy.ok) throw new TypeError(`${policy.detail} (${policy.code})`);
  return policy.value.canonical;
}

/** `sha256:<hex>` of the canonical form. Throws TypeError if `policy` has none, which a policy that was parsed always has. */
export function policyDigest(policy: ApprovalPolicy | JsonObject, hash: Sha256 = sha256): string {
  return `sha256:${hexEncode(hash(canonicalBytes(policy)))}`;
}

/** What a caller pins: its own policy, and the digest by which statements and trust roots name it. */
export type PinnedPolicy = { readonly policy: ApprovalPolicy; readonly digest: string };

/** @throws TypeError for a policy that is none. */
export function pinPolicy(approvalPolicy: Json | Uint8Array | undefined, hash: Sha256): PinnedPolicy | undefined {
  if (approvalPolicy === undefined) return undefined;
  const read = readPolicyText(approvalPolicy);
  if (!read.ok) throw new TypeError(`approvalPolicy: ${read.detail} (${read.code})`);
  // Once for each verification, so it is not serialized again: its members are all known, so these are the digest's bytes.
  const { policy, canonical } = read.value;
  return { policy, digest: `sha256:${hexEncode(hash(canonical))}` };
}
