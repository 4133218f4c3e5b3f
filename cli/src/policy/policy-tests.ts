/**
 * Tests of an approval policy: actions, who approved them, and what the policy has to say about that.
 *
 *     { "type": "assent/policy-tests/v1",
 *       "tests": [ {
 *         "name": "a large refund needs both roles",
 *         "intent": { "action": "payment.refund", "connector": "stripe/acct_1", "args": { "amount": "250.00" } },
 *         "approvals": [ { "holder": "alice@example.com", "roles": ["finance"], "method": "passkey", "user_verified": true } ],
 *         "use": "single", "ttl_seconds": 600,
 *         "expect": { "effect": "approve", "rule": "refund-over-100", "satisfied": false, "code": "approvals_missing" } } ] }
 *
 * `intent` may have a salt and a type, which decide nothing. Of an approval, `method` is `passkey` and `user_verified` true unless it says
 * otherwise; `roles` may be left out where a trust root says which ones the holder has. `use` and `ttl_seconds` are what the statement
 * would say; without them, what the rule asks for. Of `expect` at least one member is there: `effect` is allow, approve, deny or error,
 * `rule` is null where none matches, `satisfied` says whether these approvals let it pass, `code` why not.
 */
import {
  ATTESTED_METHODS,
  type CountedApproval,
  FAILURE_CODES,
  type FailureCode,
  type Intent,
  type Json,
  type PolicyEffect,
  type Result,
} from '@assent/verifier';
import {
  actionName,
  arrayOf,
  boolean,
  checkJson,
  digest,
  documentType,
  type Field,
  identifier,
  integer,
  jsonObject,
  named,
  nonEmpty,
  object,
  oneOf,
  optional,
  string,
} from '@assent/verifier/document';

export const POLICY_TESTS_TYPE = 'assent/policy-tests/v1';
const MAX_TTL_SECONDS = 1_000_000_000;

export type TestedEffect = PolicyEffect | 'error';

export type TestedApproval = Omit<CountedApproval, 'roles'> & { readonly roles?: readonly string[] };

export type PolicyTest = {
  readonly name: string;
  readonly intent: Intent;
  readonly approvals: readonly TestedApproval[];
  readonly use?: 'single' | 'multiple';
  readonly ttlSeconds?: number;
  readonly expect: {
    readonly effect?: TestedEffect;
    /** Null: no rule matches. */
    readonly rule?: string | null;
    readonly satisfied?: boolean;
    readonly code?: FailureCode;
  };
};

const METHODS = ['passkey', 'key', ...ATTESTED_METHODS.map((method) => `attested:${method}` as const)] as const;

const orNull =
  (field: Field<string>): Field<string | null> =>
  (value) =>
    value === null ? { ok: true, value } : field(value);

const expectMembers = object({
  effect: optional(oneOf('allow', 'approve', 'deny', 'error')),
  rule: optional(orNull(identifier)),
  satisfied: optional(boolean),
  code: optional(oneOf(...FAILURE_CODES)),
});

const expectation: typeof expectMembers = (value) => {
  const read = expectMembers(value);
  if (!read.ok || Object.keys(read.value).length > 0) return read;
  return { ok: false, code: 'missing_member', detail: ' expects nothing: effect, rule, satisfied or code' };
};

const testMembers = object({
  name: string,
  intent: object({
    type: optional(string),
    action: actionName,
    connector: identifier,
    args: jsonObject,
    schema: optional(digest),
    salt: optional(string),
  }),
  approvals: optional(
    arrayOf(
      object({
        holder: identifier,
        roles: optional(arrayOf(identifier)),
        method: optional(oneOf(...METHODS)),
        user_verified: optional(boolean),
      }),
    ),
  ),
  use: optional(oneOf('single', 'multiple')),
  ttl_seconds: optional(integer(1, MAX_TTL_SECONDS)),
  expect: expectation,
});

const documentMembers = object({ type: documentType(POLICY_TESTS_TYPE), tests: nonEmpty(arrayOf(testMembers)) });

/** Fails with the codes of members. */
export function parsePolicyTests(value: Json): Result<readonly PolicyTest[]> {
  const sound = checkJson(value);
  const read = named('tests', sound.ok ? documentMembers(value) : sound);
  if (!read.ok) return read;
  const tests = read.value.tests.map(
    ({ name, intent, approvals = [], use, ttl_seconds: ttlSeconds, expect }): PolicyTest => {
      const { action, connector, args, schema } = intent;
      return {
        name,
        intent: {
          type: 'assent/intent/v1',
          action,
          connector,
          args,
          ...(schema !== undefined && { schema }),
          salt: '',
        },
        approvals: approvals.map(testedApproval),
        ...(use && { use }),
        ...(ttlSeconds !== undefined && { ttlSeconds }),
        expect,
      };
    },
  );
  return { ok: true, value: tests };
}

type ReadApproval = {
  readonly holder: string;
  readonly roles?: readonly string[];
  readonly method?: (typeof METHODS)[number];
  readonly user_verified?: boolean;
};

function testedApproval({
  holder,
  roles,
  method = 'passkey',
  user_verified: userVerified = true,
}: ReadApproval): TestedApproval {
  return { holder, ...(roles && { roles }), method, ...(method === 'passkey' && { userVerified }) };
}
