import { readFileSync } from 'node:fs';
import { LogClient, LogUnreachable } from '@assent/client';
import { parseIntent } from '@assent/verifier';
import { signingKey } from './consumption.ts';
import { Facts } from './facts.ts';
import { Gate, type Outcome } from './gate.ts';
import { payments } from './payments.ts';

const {
  LOG_URL = 'http://localhost:6962',
  API_KEY_FILE = 'data/first-api-key',
  PAYMENTS_URL = 'http://127.0.0.1:8090',
  DATA = 'data/gate',
  KEY_FILE = 'data/boundary.pem',
  NAME = 'payments-gw-1',
  PINS = 'pins',
  LOG_TIMEOUT_MS = '10000',
  /** For tests: stop there for good, and say so. */
  HOLD_AT,
} = process.env;
const USAGE = 'usage: main.js key | run RECEIPT_FILE INTENT_FILE | resume | settle APPROVAL ran|dropped WORDS';
/** What a caller does about it: nothing, ask for another approval, mend the gate, try again later, or look for himself. */
const EXIT = { done: 0, refused: 1, wrong: 2, later: 75, unknown: 3 } as const;

/** In earnest it lives in a vault, or in hardware. */
const readKey = () => signingKey(readFileSync(KEY_FILE, 'utf8'));

async function openGate(): Promise<Gate> {
  const pin = (file: string): string => readFileSync(`${PINS}/${file}`, 'utf8');
  const logPolicy = pin('log-policy');
  return new Gate({
    name: NAME,
    key: readKey(),
    log: new LogClient({
      url: LOG_URL,
      apiKey: readFileSync(API_KEY_FILE, 'utf8').trim(),
      trust: { logPolicy },
      timeoutMs: Number(LOG_TIMEOUT_MS),
    }),
    logPolicy,
    trustRoot: JSON.parse(pin('trust-root.json')),
    approvalPolicy: pin('approval-policy.json'),
    target: payments(PAYMENTS_URL),
    facts: new Facts(DATA),
    async reached(point) {
      if (point !== HOLD_AT) return;
      console.log(`holding at ${point}`);
      await new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));
    },
  });
}

function tell(what: string, outcome: Outcome): number {
  const words = {
    done: () => `done: ${'result' in outcome && outcome.result}`,
    refused: () => `refused: ${'reason' in outcome && outcome.reason}`,
    unknown: () =>
      `unknown: attempt ${'attempt' in outcome && outcome.attempt} may have run. Look it up at the target.`,
  };
  console.log(`${what} ${words[outcome.state]()}`);
  return EXIT[outcome.state];
}

/** Whatever fails on the way fails closed: nothing was dispatched, or `resume` finds out. */
async function attempt(what: string, action: () => Promise<Outcome>): Promise<number> {
  try {
    return tell(what, await action());
  } catch (error) {
    const away = error instanceof LogUnreachable ? 'the log is away' : 'it failed';
    console.error(`${what} not done, ${away}: ${error instanceof Error ? error.message : error}`);
    return EXIT.later;
  }
}

async function main([command, ...files]: readonly string[]): Promise<number> {
  if (command === 'key') {
    console.log(readKey().publicKey.keyid);
    return 0;
  }
  const gate = await openGate();
  if (command === 'run' && files.length === 2) {
    const [receipt, text] = files.map((file) => readFileSync(file, 'utf8')) as [string, string];
    const intent = parseIntent(text);
    if (!intent.ok) return tell('intent', { state: 'refused', reason: intent.detail });
    return attempt('action', () => gate.run(receipt, intent.value));
  }
  if (command === 'resume' && files.length === 0) {
    const codes: number[] = [];
    for (const approval of await gate.unfinished()) codes.push(await attempt(approval, () => gate.resume(approval)));
    return Math.max(0, ...codes);
  }
  const [approval, ran, words] = files;
  if (command === 'settle' && words !== undefined && (ran === 'ran' || ran === 'dropped')) {
    await gate.settle(approval!, ran === 'ran', words);
    return 0;
  }
  console.error(USAGE);
  return EXIT.wrong;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  // Never 1, with which Node would end: nobody has refused anything.
  console.error(`nothing done, the gate itself is wrong: ${error instanceof Error ? error.message : error}`);
  return EXIT.wrong;
});
