import {
  type ApprovalPolicy,
  MAX_POLICY_BYTES,
  parsePolicy,
  policyDigest,
  type VerifiedTrustRoot,
} from '@assent/verifier';
import type {
  PeopleFlags,
  PolicyLintFlags,
  PolicyNewFlags,
  PolicyShowFlags,
  PolicyTestFlags,
} from '../commands/policy.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { createWhole } from '../files/create-whole.ts';
import { readInput, readJsonInput, refuseStdinTwice } from '../files/read-input.ts';
import { lintPolicy } from '../policy/lint.ts';
import { parsePolicyTests } from '../policy/policy-tests.ts';
import { policyText, ruleWords } from '../policy/policy-text.ts';
import { runPolicyTests } from '../policy/run-policy-tests.ts';
import { EXPLANATION, startingPolicy, startingTests } from '../policy/starting-policy.ts';
import { possibleApprovals } from '../policy/supply.ts';
import { testText } from '../policy/test-text.ts';
import { countOf } from '../terminal/count-of.ts';
import { printJson, printJsonText, printText, say } from '../terminal/output.ts';
import { painter } from '../terminal/paint.ts';
import { safeExcerpt } from '../terminal/safe-text.ts';
import { newestOf, readVersions } from '../trust/trust-file.ts';

const MAX_TESTS_BYTES = 16 * 1024 * 1024;

type ReadPolicy = { readonly policy: ApprovalPolicy; readonly digest: string };

async function readPolicy(file: string): Promise<ReadPolicy> {
  const policy = parsePolicy(await readInput(file, MAX_POLICY_BYTES));
  if (policy.ok) return { policy: policy.value, digest: policyDigest(policy.value) };
  throw new CommandFailure('file_malformed', `${file} is no approval policy: ${policy.detail} (${policy.code})`);
}

async function readPeople({ trustRoot, trustVersions }: PeopleFlags): Promise<VerifiedTrustRoot | undefined> {
  if (trustVersions !== undefined) return (await readVersions(trustVersions, trustRoot)).verified;
  if (trustRoot === undefined) return undefined;
  throw new CommandFailure('usage', '--trust-root needs --trust-versions, the versions that begin with it');
}

/**
 * Now; or when the newest version comes into force, which is an hour after it was drafted: whoever hands it out asks whether it will
 * do, and nobody whom it lists counts before.
 */
function momentOf(trusted: VerifiedTrustRoot | undefined): number {
  const now = Date.now();
  if (trusted === undefined) return now;
  const { version, issued_at } = newestOf(trusted).trustRoot;
  if (Date.parse(issued_at) <= now) return now;
  say(`version ${version} of the trust root is in force from ${issued_at} on, and is judged as of then`);
  return Date.parse(issued_at);
}

export async function policyNew({ name, output, tests }: PolicyNewFlags): Promise<ExitCode> {
  const policy = startingPolicy(name);
  const parsed = parsePolicy(JSON.stringify(policy));
  if (!parsed.ok) throw new CommandFailure('usage', `--name: ${parsed.detail}`);
  const text = `${JSON.stringify(policy, null, 2)}\n`;
  if (tests !== undefined) await createNew(tests, `${JSON.stringify(startingTests(), null, 2)}\n`);
  if (output === undefined) printJsonText(text);
  else await createNew(output, text);
  say(...EXPLANATION);
  return EXIT.ok;
}

async function createNew(file: string, text: string): Promise<void> {
  if (await createWhole(file, text)) return;
  throw new CommandFailure('file_exists', `${file} exists already, and is not overwritten: choose another name`);
}

export async function policyLint(file: string, flags: PolicyLintFlags): Promise<ExitCode> {
  refuseStdinTwice(file, flags.trustVersions);
  const { policy, digest } = await readPolicy(file);
  const trusted = await readPeople(flags);
  const findings = lintPolicy(policy, trusted, momentOf(trusted));
  if (flags.json) printJson({ type: 'assent/policy-lint/v1', digest, findings });
  else if (findings.length > 0) {
    const lines = findings.map(
      ({ code, rule, detail }) => `${rule === undefined ? '' : `${rule}: `}${detail} (${code})`,
    );
    printText(lines.map((line) => `${safeExcerpt(line, 2000)}\n`).join(''));
  }
  const count = findings.length === 0 ? 'nothing odd' : `${findings.length} to look at`;
  say(`${count} in ${countOf(policy.rules.length, 'rule')} of ${policy.name}`);
  return flags.strict && findings.length > 0 ? EXIT.bad : EXIT.ok;
}

export async function policyTest(file: string, testsFile: string, flags: PolicyTestFlags): Promise<ExitCode> {
  refuseStdinTwice(file, testsFile, flags.trustVersions);
  const { policy, digest } = await readPolicy(file);
  const tests = parsePolicyTests(await readJsonInput(testsFile, 'the tests', MAX_TESTS_BYTES));
  if (!tests.ok) {
    throw new CommandFailure(
      'file_malformed',
      `${testsFile} holds no tests of a policy: ${tests.detail} (${tests.code})`,
    );
  }
  const trusted = await readPeople(flags);
  const people = trusted && possibleApprovals(newestOf(trusted).members, momentOf(trusted));
  const results = runPolicyTests(policy, tests.value, people);
  const failed = results.filter(({ passed }) => !passed).length;
  const passed = results.length - failed;
  if (flags.json) printJson({ type: 'assent/policy-test-report/v1', digest, passed, failed, tests: results });
  else printText(testText(results, painter(process.stdout)));
  say(`${passed} of ${results.length} ${results.length === 1 ? 'test' : 'tests'} of ${policy.name} passed`);
  return failed === 0 ? EXIT.ok : EXIT.bad;
}

export async function policyShow(file: string, { json }: PolicyShowFlags): Promise<ExitCode> {
  const { policy, digest } = await readPolicy(file);
  const { name, rules } = policy;
  if (json) {
    const inWords = rules.map((rule) => ({ id: rule.id, effect: rule.effect, words: ruleWords(rule) }));
    printJson({ type: 'assent/policy-view/v1', digest, name, rules: inWords });
  } else printText(policyText(policy, digest, painter(process.stdout)));
  return EXIT.ok;
}
