import { EXIT_HELP } from '../exit-codes.ts';
import { type AddCommand, jsonOption } from './options.ts';
import { pinnedRootOption } from './trust-flags.ts';

export const addPolicyCommand: AddCommand = (program, finish) => {
  const policy = program
    .command('policy')
    .summary('write, check, test and explain an approval policy')
    .description(
      'An approval policy says who has to approve what: a JSON list of rules, of which the first that matches an action decides.\n' +
        'Verifiers and gates pin it; the trust root lists its digest.',
    );
  for (const add of [addPolicyNewCommand, addPolicyLintCommand, addPolicyTestCommand, addPolicyShowCommand]) {
    add(policy, finish);
  }
};

export type PolicyNewFlags = {
  readonly name: string;
  readonly output?: string;
  readonly tests?: string;
  readonly json?: true;
};

const addPolicyNewCommand: AddCommand = (policy, finish) => {
  policy
    .command('new')
    .summary('write a policy to begin with')
    .description(
      'Writes a policy with good defaults to standard output, or to a file that is not there yet, and explains it on standard error,\n' +
        'as JSON has no comments.',
    )
    .option('--name <name>', 'name of the policy', 'my-policy')
    .option('-o, --output <file>', 'where it goes; never overwrites')
    .option('--tests <file>', 'write tests for it too, to begin with; never overwrites')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent policy new --name acme-payments -o payments.policy.json --tests payments.tests.json
${EXIT_HELP}`,
    )
    .action(async (flags: PolicyNewFlags) => {
      const { policyNew } = await import('../actions/policy.ts');
      finish(await policyNew(flags));
    });
};

export type PeopleFlags = { readonly trustRoot?: string; readonly trustVersions?: string };
export type PolicyLintFlags = PeopleFlags & { readonly strict?: true; readonly json?: true };

const addPolicyLintCommand: AddCommand = (policy, finish) => {
  policy
    .command('lint')
    .summary('find errors, and what is odd')
    .description(
      'Reads a policy as verifiers do, and says what is odd about it: rules that can never decide, roles and people that there are not,\n' +
        'approvals that never end. With --trust-versions it knows the people.',
    )
    .argument('<policy>', 'file of the policy; "-" for standard input')
    .option('--trust-versions <file>', 'versions of the trust root: who there is')
    .addOption(pinnedRootOption())
    .option('--strict', 'end with 1 if anything is odd')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent policy lint payments.policy.json
  $ assent policy lint payments.policy.json --trust-versions acme.versions.json --strict

What may be found:
  no_rules                    the policy denies everything
  covered_rule                a rule that can never decide, as an earlier one always does
  impossible_rule             two conditions of a rule are never true together
  allows_everything           a rule that allows all actions without asking anyone
  no_time_limit               an approval may last as long as whoever asks for it likes
  long_time_limit             an approval may last more than a day
  shared_roles                several roles are named, and one of them alone suffices
  fewer_approvals_than_roles  fewer approvals are named than the roles need
  user_not_verified           a passkey counts whose device did not ask who is there
  text_equality               amounts are compared as texts, so "100" and "100.00" differ
  unknown_role                nobody has that role
  too_few_people              even if everybody approved, it would not suffice
  policy_not_listed           the trust root does not list the policy

A policy that cannot be read ends with 2. With --json: { "type": "assent/policy-lint/v1", "digest", "findings": [ { "code", "rule", "detail" } ] }.
${EXIT_HELP}`,
    )
    .action(async (file: string, flags: PolicyLintFlags) => {
      const { policyLint } = await import('../actions/policy.ts');
      finish(await policyLint(file, flags));
    });
};

export type PolicyTestFlags = PeopleFlags & { readonly json?: true };

const addPolicyTestCommand: AddCommand = (policy, finish) => {
  policy
    .command('test')
    .summary('run tests of a policy')
    .description(
      'Says for each action in TESTS which rule decides and why, and whether the approvals there are enough. Ends with 1 if one test\n' +
        'does not come out as it expects.',
    )
    .argument('<policy>', 'file of the policy')
    .argument('<tests>', 'file of the tests; "-" for standard input')
    .option('--trust-versions <file>', 'versions of the trust root: roles of those whose roles the tests do not say')
    .addOption(pinnedRootOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent policy test payments.policy.json payments.tests.json
  $ assent policy test payments.policy.json payments.tests.json --json | jq '.tests[] | select(.passed | not)'

A file of tests:
  { "type": "assent/policy-tests/v1",
    "tests": [ {
      "name": "a large refund needs both roles",
      "intent": { "action": "payment.refund", "connector": "stripe/acct_1", "args": { "amount": "250.00" } },
      "approvals": [ { "holder": "alice@example.com", "roles": ["finance"], "method": "passkey", "user_verified": true } ],
      "use": "single", "ttl_seconds": 600,
      "expect": { "effect": "approve", "rule": "refund-over-100", "satisfied": false, "code": "approvals_missing" } } ] }

An intent needs no salt here. "method" is "passkey", "key" or "attested:<method>", and "passkey" where it is left out;
"user_verified" is true, and "roles" those that --trust-versions say. "use" and "ttl_seconds" are what the statement would say;
without them, what the rule asks for. At least one member of "expect" is there: "effect" is "allow", "approve", "deny" or "error",
"rule" null where none matches, "satisfied" whether the approvals let it pass, "code" why not.
With --json: { "type": "assent/policy-test-report/v1", "digest", "passed", "failed", "tests": [ … ] }.
${EXIT_HELP}`,
    )
    .action(async (file: string, tests: string, flags: PolicyTestFlags) => {
      const { policyTest } = await import('../actions/policy.ts');
      finish(await policyTest(file, tests, flags));
    });
};

export type PolicyShowFlags = { readonly json?: true };

const addPolicyShowCommand: AddCommand = (policy, finish) => {
  policy
    .command('show')
    .summary('explain a policy in words, and say its digest')
    .description(
      'Says in words what each rule of a policy asks for, and the digest by which trust roots and statements name it.',
    )
    .argument('<policy>', 'file of the policy; "-" for standard input')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent policy show payments.policy.json
  $ assent policy show payments.policy.json --json | jq -r .digest

With --json: { "type": "assent/policy-view/v1", "digest", "name", "rules": [ { "id", "effect", "words" } ] }.
${EXIT_HELP}`,
    )
    .action(async (file: string, flags: PolicyShowFlags) => {
      const { policyShow } = await import('../actions/policy.ts');
      finish(await policyShow(file, flags));
    });
};
