/**
 * The gate of an execution boundary (formats.md §9 and §11; docs/gate.md): may this action run, now, here? One call, offline.
 *
 *     const decision = await authorize({ receipt, intent, logPolicy, at: Date.now(), schema: null, boundary, … });
 *     if (!decision.authorized) throw new Error(decision.reason);
 *     // … dispatch `intent`, once
 *
 * Everything that the gate pins is required: what it forgot to say would be a check that was not made. It has no way to say
 * "skip that", and answers yes only when every check passed.
 */
import type { Check, Report } from './report.ts';
import { type VerifyOptions, verifyReceipt } from './verify-receipt.ts';

/** What a gate has to pin, by name, as in {@link VerifyOptions}. */
const PINNED = ['intent', 'logPolicy', 'trustRoot', 'approvalPolicy', 'at', 'schema', 'boundary'] as const;

export type GateInput = Required<Pick<VerifyOptions, (typeof PINNED)[number]>> &
  Pick<VerifyOptions, 'primitives'> & {
    /** The receipt's JSON, as bytes or text, with the receipt of the consumption in it. */
    readonly receipt: Uint8Array | string;
  };

export type GateDecision =
  | { readonly authorized: true; readonly report: Report }
  | {
      readonly authorized: false;
      /** One sentence. */
      readonly reason: string;
      readonly report: Report;
    };

/**
 * Never rejects for bad evidence, whatever receipt and intent are. Rejects with TypeError or RangeError where the gate's own
 * inputs are missing or malformed: they are mistakes of its author, and nothing may run on them either.
 */
export async function authorize(input: GateInput): Promise<GateDecision> {
  const { receipt, ...options } = input;
  for (const name of PINNED) {
    // From JavaScript, or out of a configuration that was read as `any`.
    if (options[name] === undefined) throw new TypeError(`${name}: a gate has to say it`);
  }
  const report = await verifyReceipt(receipt, options);
  if (report.verdict === 'authorized' && report.checks.every(({ status }) => status === 'pass')) {
    return { authorized: true, report };
  }
  return { authorized: false, reason: reasonOf(report), report };
}

/** An `authentic` receipt is good evidence; to a gate it is one where a check is missing, and which one is what helps. */
function reasonOf({ verdict, summary, checks }: Report): string {
  const missing = checks.find(({ status }) => status === 'skip');
  return verdict === 'authentic' && missing !== undefined ? missingSentence(missing) : summary;
}

function missingSentence({ title, detail }: Check): string {
  return `The evidence holds, but the check "${title}" was not made: ${detail}`;
}
