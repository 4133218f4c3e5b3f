/**
 * Ends with 0 only if this very deployment was approved, and nobody has used the approval before: the step in front of the one that
 * deploys. What is about to be deployed comes from the pipeline, never from the files that whoever asks for it sends along.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AlreadyConsumed, LogClient, LogRefused, LogUnreachable } from '@assent/client';
import { attachConsumption, authorize, createAttempt, formatTime, type Intent, parseIntent } from '@assent/verifier';
import { signConsumption, signingKey } from './consumption.ts';

const REFUSED = 1;
const USAGE = 2;
/** Try again later: nothing was decided. */
const LATER = 75;

class Refused extends Error {}

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
    },
  });
  const { receipt, intent, repository, commit, environment, pins, log, name } = values;
  if (!receipt || !intent || !repository || !commit || !environment || !pins || !log || !name) {
    throw new TypeError(
      '--receipt, --intent, --repository, --commit, --environment, --pins, --log and --name are needed',
    );
  }
  return { receipt, intent, repository, commit, environment, pins, log, name };
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
  const attempt = createAttempt();
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
  // A job that is killed from here on has used the approval up. That is the safe side: it asks for another one.
  const envelope = signConsumption(key, {
    approval: approval.statement_digest,
    intent: approval.intent_digest,
    boundary: options.name,
    attempt,
    at: formatTime(Date.now()),
  });
  const log = new LogClient({
    url: options.log,
    apiKey,
    trust: { logPolicy },
    timeoutMs: Number(ASSENT_LOG_TIMEOUT_MS),
  });
  const consumed = await log.consume(envelope, { wait: 'witnessed' });
  const attached = attachConsumption(receipt, consumed.receipt);
  if (!attached.ok) throw new Refused(attached.detail);
  const decision = await authorize({ ...gate, receipt: attached.value, at: Date.now() });
  if (!decision.authorized) throw new Refused(decision.reason);
  return decision.report.summary;
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
    return error instanceof LogUnreachable ? LATER : USAGE;
  }
}

process.exitCode = await main();
