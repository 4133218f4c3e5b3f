import { type Consumption, canonicalJson, type JsonObject, parseConsumption, parseEnvelope } from '@assent/verifier';
import { AlreadyConsumed, AnswerRefused, LogRefused } from './errors.ts';
import { type Expectation, type Trust, type VerifiedReceipt, verified } from './trust.ts';

/** What an envelope is about to consume. Throws TypeError if it holds no consumption. */
export function readConsumption(envelope: JsonObject): Consumption {
  const read = parseEnvelope(envelope);
  const consumption = read.ok ? parseConsumption(read.value.payload) : read;
  if (!consumption.ok) throw new TypeError(`envelope: no consumption (${consumption.detail})`);
  return consumption.value;
}

/** The entry of this very envelope, and of no other. */
export function holdingConsumption(envelope: JsonObject): Expectation {
  const sent = canonicalJson(envelope);
  return {
    holds: (entry) => entry.kind === 'consumption' && 'content' in entry && canonicalJson(entry.content) === sent,
  };
}

/**
 * What to throw for a refusal. That an approval is used up is believed only with the receipt that shows it: it may be the
 * reason why somebody has to be asked again, or why an action counts as done.
 */
export async function asRefusal(error: unknown, approval: string, trust: Trust): Promise<unknown> {
  if (!(error instanceof LogRefused) || error.code !== 'already_consumed') return error;
  const { unverifiedReceipt } = error;
  if (unverifiedReceipt === undefined) {
    return new AnswerRefused('the log says that the approval is consumed already, and shows no receipt of it');
  }
  const first = await verified(unverifiedReceipt, trust, {}).catch((refused: unknown) => refused);
  if (!isVerified(first)) return first;
  if (first.report.consumption?.approval === approval) return new AlreadyConsumed(error, first);
  const message = 'the log says that the approval is consumed already, with the receipt of something else';
  return new AnswerRefused(message, { unverifiedReceipt, report: first.report });
}

function isVerified(value: unknown): value is VerifiedReceipt {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}
