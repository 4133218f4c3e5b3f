/**
 * Ends with 0 only if this very deployment was approved, and nobody has used the approval before: the step in front of the one that
 * deploys. What is about to be deployed comes from the pipeline, never from the files that whoever asks for it sends along.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AlreadyConsumed, LogClient, LogRefused, LogUnreachable } from '@assent/client';
import { attachConsumption, authorize, createAttempt, formatTime, type Intent, parseIntent } from '@assent/verifier';
import { AttemptFile } from './attempt-file.ts';
import { signConsumption, signingKey } from './consumption.ts';

const REFUSED = 1;
const USAGE = 2;
/** Try again later: nothing was decided. */
const LATER = 75;

class Refused extends Error {}
class Later extends Error {}

function readOptions() {
  const { values } = parseArgs({
    options: {
      receipt: { type: 'string' },
      intent: { type: 'string' },
      repository: { type: 'string' },
      commit: { type: 'string' },
      environment: { type: 'string' },
      pins: { type: 'string' },
      log: { type: 'string' },
      name: { type: 'string' },
      attempt: { type: 'string' },
    },
  });
  const { receipt, intent, repository, commit, environment, pins, log, name, attempt } = values;
  if (!receipt || !intent || !repository || !commit || !environment || !pins || !log || !name || !attempt) {
    throw new TypeError(
      '--receipt, --intent, --repository, --commit, --environment, --pins, --log, --name and --attempt are needed',
    );
  }
  return { receipt, intent, repository, commit, environment, pins, log, name, attempt };
}

type Options = ReturnType<typeof readOptions>;

/**
 * The deployment as the pipeline sees it. Of the file it takes the salt alone, without which the digest that was approved could
 * not be computed: had the file said something else than the pipeline, its digest would be another one.
 */
function ownIntent(options: Options): Intent {
  const theirs = parseIntent(new Uint8Array(readFileSync(options.intent)));
  if (!theirs.ok) throw new Refused(`the intent: ${theirs.detail}`);
  const own = parseIntent({
    type: 'assent/intent/v1',
    action: 'deploy.run',
    connector: `ci/${options.repository}`,
    args: { commit: options.commit, environment: options.environment },
    salt: theirs.value.salt,
  });
  if (!own.ok) throw new Refused(`what the pipeline says of the deployment: ${own.detail}`);
  return own.value;
}

async function decide(options: Options): Promise<string> {
  const { ASSENT_API_KEY: apiKey, ASSENT_BOUNDARY_KEY: pem, ASSENT_LOG_TIMEOUT_MS = '30000' } = process.env;
  if (!apiKey || !pem) throw new TypeError('ASSENT_API_KEY and ASSENT_BOUNDARY_KEY are needed, from the secrets');
  const pin = (file: string): string => readFileSync(`${options.pins}/${file}`, 'utf8');
  const key = signingKey(pem);
  const logPolicy = pin('log-policy');
  const file = new AttemptFile(options.attempt);
  const before = file.read();
  const attempt = before?.consumption.attempt ?? createAttempt();
  const gate = {
    intent: { ...ownIntent(options) },
    logPolicy,
    trustRoot: JSON.parse(pin('trust-root.json')),
    approvalPolicy: pin('approval-policy.json'),
    schema: null,
    boundary: { keyid: key.publicKey.keyid, attempt },
  };
  const receipt = readFileSync(options.receipt, 'utf8');
  const first = await authorize({ ...gate, receipt, at: Date.now() });
  const open = first.report.checks.filter(({ status }) => status !== 'pass');
  const { approval } = first.report;
  if (approval === undefined || open.length !== 1 || open[0]?.code !== 'not_consumed') {
    throw new Refused(first.authorized ? 'this receipt was consumed by somebody else already' : first.reason);
  }
  if (before !== undefined && before.consumption.approval !== approval.statement_digest) {
    throw new TypeError(`${options.attempt} is of another approval: give each approval a file of its own`);
  }
  const fields = {
    approval: approval.statement_digest,
    intent: approval.intent_digest,
    boundary: options.name,
    attempt,
    at: formatTime(Date.now()),
  };
  const envelope = before?.envelope ?? signConsumption(key, fields);
  // Before the log hears of it: a job whose answer is lost sends the same again, and a job that lost the file asks for another approval.
  if (before === undefined) file.write(envelope);
  const log = new LogClient({
    url: options.log,
    apiKey,
    trust: { logPolicy },
    timeoutMs: Number(ASSENT_LOG_TIMEOUT_MS),
  });
  const consumed = await log.consume(envelope, { wait: 'witnessed' }).catch(withAdvice);
  const attached = attachConsumption(receipt, consumed.receipt);
  if (!attached.ok) throw new Refused(attached.detail);
  const decision = await authorize({ ...gate, receipt: attached.value, at: Date.now() });
  if (!decision.authorized) throw new Refused(decision.reason);
  // From here on the deployment may have begun. A job that is killed now has used the approval up: that is the safe side.
  if (!file.claim()) throw new Refused('this attempt has let a deployment run already');
  return decision.report.summary;
}

/** What to do where the log may have taken the consumption, and where it has taken another one. */
function withAdvice(error: unknown): never {
  // A log that cannot say now whether it stored something answers with 5xx: that is no refusal either.
  const unsure = error instanceof LogRefused && (error.status >= 500 || error.status === 429);
  if (error instanceof LogUnreachable || unsure) {
    const advice =
      'The log may count the approval as used by this attempt: run this step again with the same --attempt file. ' +
      'Without that file the approval is lost, and another one is needed.';
    throw new Later(`${error.message.replace(/\.$/, '')}. ${advice}`);
  }
  if (error instanceof AlreadyConsumed && error.first.report.consumption !== undefined) {
    const { boundary, at } = error.first.report.consumption;
    const advice = `By ${boundary}, at ${at}, in another attempt: that deployment may have run. Look before you ask for another approval.`;
    throw new Refused(`${error.message} ${advice}`);
  }
  throw error;
}

async function main(): Promise<number> {
  try {
    console.log(await decide(readOptions()));
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof Refused || error instanceof AlreadyConsumed || error instanceof LogRefused) {
      console.error(`refused: ${message}`);
      return REFUSED;
    }
    console.error(`not decided: ${message}`);
    return error instanceof Later ? LATER : USAGE;
  }
}

process.exitCode = await main();
