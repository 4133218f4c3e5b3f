import { AlreadyConsumed, type LogClient } from '@assent/client';
import {
  attachConsumption,
  authorize,
  createAttempt,
  formatTime,
  type GateDecision,
  type GateInput,
  type Intent,
  type JsonObject,
} from '@assent/verifier';
import { type SigningKey, signConsumption } from './consumption.ts';
import type { Facts } from './facts.ts';

/** Where the action goes. */
export type Target = {
  /** Digest of the schema of its arguments as it is now; null: it has none. */
  readonly schema: string | null;
  /**
   * Whether the same call with the same key has its effect once, however often it comes (an idempotency key). Only then does
   * the gate call again when it does not know what became of the first call.
   */
  readonly repeatable: boolean;
  /** Resolves once it has happened, with what the target says about it. */
  dispatch(intent: Intent, key: string): Promise<string>;
};

export type GateOptions = Pick<GateInput, 'logPolicy' | 'trustRoot' | 'approvalPolicy'> & {
  /** The boundary's name in the trust root. */
  readonly name: string;
  readonly key: SigningKey;
  readonly log: LogClient;
  readonly target: Target;
  readonly facts: Facts;
  /** Called at each step, before anything after it happens: where a test stops the process. */
  readonly reached?: (point: 'recorded' | 'consumed' | 'claimed' | 'dispatched') => Promise<void>;
};

export type Outcome =
  | { readonly state: 'done'; readonly result: string }
  /** It did not run, and will not on this approval. */
  | { readonly state: 'refused'; readonly reason: string }
  /** It may have run, and the gate can't find out: a person has to look at the target, with the attempt's id. */
  | { readonly state: 'unknown'; readonly attempt: string };

/** Written before anything else happens: from it the rest can be taken up again. */
type Attempt = {
  readonly id: string;
  readonly approval: string;
  readonly receipt: string;
  readonly intent: Intent;
  readonly consumption: JsonObject;
};

/**
 * Runs an action once for one approval, across crashes of its own. What it knows is a row of facts, each durable before the
 * next step:
 *
 *     attempt     who we are and what we are about to do      before the log is asked
 *     consumed    the log says that nobody else may           before the last check
 *     claimed     from here on it may have run                before the target is called
 *     done        it has run
 *
 * Whoever finds an attempt that is not done goes on after its last fact. Throws what the log client and the target throw: then it is
 * not done, and is taken up again later.
 */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** @param receipt the approval's, from whoever asks; @param intent what is to run, strictly parsed */
  async run(receipt: string, intent: Intent): Promise<Outcome> {
    const { key, name, facts } = this.#options;
    const attempt = createAttempt();
    // Before it is consumed: an approval that would be refused anyway is left to others.
    const { report, ...decision } = await this.#authorize(receipt, intent, attempt);
    const { approval } = report;
    const open = report.checks.filter(({ status }) => status !== 'pass');
    const onlyUse = open.length === 1 && open[0]?.id === 'use' && open[0].code === 'not_consumed';
    if (approval === undefined || !onlyUse) return refused(decision, 'this receipt carries a consumption already');
    const { statement_digest, intent_digest } = approval;
    const consumption = signConsumption(key, {
      approval: statement_digest,
      intent: intent_digest,
      boundary: name,
      attempt,
      at: formatTime(Date.now()),
    });
    const record: Attempt = { id: attempt, approval: statement_digest, receipt, intent, consumption };
    // Whoever was here before us, in another process or another life, has an attempt already: that one counts.
    await facts.record(`${hex(statement_digest)}.attempt`, record);
    await this.#options.reached?.('recorded');
    return this.resume(statement_digest);
  }

  /** The approvals, by statement digest, whose attempts are not done. */
  async unfinished(): Promise<readonly string[]> {
    const { facts } = this.#options;
    const ended = new Set([...(await facts.names('.done')), ...(await facts.names('.lost'))]);
    return (await facts.names('.attempt')).filter((name) => !ended.has(name)).map((name) => `sha256:${name}`);
  }

  /** What a person found out about an attempt that nobody else can: that it ran, or that it must not any more. */
  async settle(approval: string, ran: boolean, words: string): Promise<void> {
    const fact = ran ? 'done' : 'lost';
    if (await this.#options.facts.record(`${hex(approval)}.${fact}`, words)) return;
    throw new RangeError('approval: that is settled already');
  }

  /** Goes on with an attempt. */
  async resume(approval: string): Promise<Outcome> {
    const { facts, target, reached } = this.#options;
    const of = (fact: string): string => `${hex(approval)}.${fact}`;
    const attempt = await facts.read<Attempt>(of('attempt'));
    if (attempt === undefined) throw new RangeError('approval: there is no attempt for it');
    const done = await facts.read<string>(of('done'));
    if (done !== undefined) return { state: 'done', result: done };
    const lost = await facts.read<string>(of('lost'));
    if (lost !== undefined) return { state: 'refused', reason: lost };

    const consumed = (await facts.read<string>(of('consumed'))) ?? (await this.#consume(attempt));
    if (consumed === undefined) return this.resume(approval);
    await facts.record(of('consumed'), consumed);
    await reached?.('consumed');

    const decision = await this.#authorize(consumed, attempt.intent, attempt.id);
    const claimed = (await facts.read(of('claimed'))) !== undefined;
    // It was authorized when it was claimed. What is not any more must not run now, if it did not run then.
    if (!decision.authorized) return claimed ? { state: 'unknown', attempt: attempt.id } : refused(decision);
    if ((claimed || !(await facts.record(of('claimed'), attempt.id))) && !target.repeatable) {
      return { state: 'unknown', attempt: attempt.id };
    }
    await reached?.('claimed');
    const result = await target.dispatch(attempt.intent, attempt.id);
    await reached?.('dispatched');
    await facts.record(of('done'), result);
    return { state: 'done', result };
  }

  /** The receipt with its consumption; undefined if somebody else was first, which is then a fact. */
  async #consume({ approval, receipt, consumption }: Attempt): Promise<string | undefined> {
    const { log, facts } = this.#options;
    try {
      const consumed = await log.consume(consumption, { wait: 'witnessed' });
      const attached = attachConsumption(receipt, consumed.receipt);
      if (!attached.ok) throw new Error(attached.detail);
      return attached.value;
    } catch (error) {
      if (!(error instanceof AlreadyConsumed)) throw error;
      const by = error.first.report.consumption?.boundary;
      await facts.record(
        `${hex(approval)}.lost`,
        `The approval was consumed by ${by}, at index ${error.first.index} of the log.`,
      );
      return undefined;
    }
  }

  #authorize(receipt: string, intent: Intent, attempt: string): Promise<GateDecision> {
    const { logPolicy, trustRoot, approvalPolicy, target, key } = this.#options;
    const boundary = { keyid: key.publicKey.keyid, attempt };
    const own: JsonObject = { ...intent };
    return authorize({
      receipt,
      intent: own,
      logPolicy,
      trustRoot,
      approvalPolicy,
      at: Date.now(),
      schema: target.schema,
      boundary,
    });
  }
}

function refused(decision: { readonly authorized: boolean; readonly reason?: string }, otherwise = ''): Outcome {
  return { state: 'refused', reason: decision.reason ?? otherwise };
}

function hex(digest: string): string {
  return digest.slice('sha256:'.length);
}
