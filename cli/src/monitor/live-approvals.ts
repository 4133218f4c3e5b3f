/**
 * Approvals that may still be used up: of one that is consumed, or has expired, nothing has to be remembered. So what a monitor
 * keeps is bounded by what is open at a time, and not by the log.
 */
import type { Json, JsonObject } from '@assent/verifier';
import { isObject } from '../http/problem.ts';
import type { EntryFacts } from './entry-facts.ts';
import { isAbout, type Rule } from './rules.ts';

export type LiveApproval = {
  readonly digest: string;
  readonly facts: EntryFacts;
  /** Milliseconds. */
  readonly loggedAt: number;
  readonly expiresAt: number;
  /** Rules that have told that nobody used it. */
  readonly told: readonly string[];
};

export class LiveApprovals {
  readonly #approvals: Map<string, LiveApproval>;

  constructor(approvals: readonly LiveApproval[]) {
    this.#approvals = new Map(approvals.map((approval) => [approval.digest, approval]));
  }

  /** Takes an approval for single use that names who may consume it: a log refuses the others' consumptions. */
  add(facts: EntryFacts, loggedAt: number): void {
    const { decision, use, boundaries, expires_at: expiresAt, statement_digest: digest } = facts;
    if (decision !== 'approved' || use !== 'single' || boundaries === undefined) return;
    if (digest === undefined || expiresAt === undefined) return;
    this.#approvals.set(digest, { digest, facts, loggedAt, expiresAt: Date.parse(expiresAt), told: [] });
  }

  find(digest: string): LiveApproval | undefined {
    return this.#approvals.get(digest);
  }

  remove(digest: string): void {
    this.#approvals.delete(digest);
  }

  /** Those that the rule is about, were logged so long ago, and were not told by it yet; marks them as told. */
  takeOverdue(rule: Rule, now: number): readonly LiveApproval[] {
    const { id, afterMs = 0 } = rule;
    const overdue = this.list().filter(
      ({ loggedAt, told, facts }) => loggedAt + afterMs <= now && !told.includes(id) && isAbout(rule, facts),
    );
    for (const approval of overdue) this.#approvals.set(approval.digest, { ...approval, told: [...approval.told, id] });
    return overdue;
  }

  /**
   * Forgets those that no entry can use any more, as the log's clock is past their end, and about which no rule has anything to
   * tell. @param clock the newest `logged_at`. @param longestMs of the rules.
   */
  forget(clock: number, longestMs: number, now: number): void {
    for (const { digest, expiresAt, loggedAt } of this.#approvals.values()) {
      if (expiresAt <= clock && loggedAt + longestMs <= now) this.#approvals.delete(digest);
    }
  }

  list(): readonly LiveApproval[] {
    return [...this.#approvals.values()];
  }
}

export function formatLiveApproval({ digest, facts, loggedAt, expiresAt, told }: LiveApproval): JsonObject {
  return { digest, facts: facts as unknown as JsonObject, logged_at: loggedAt, expires_at: expiresAt, told };
}

/** Undefined for what {@link formatLiveApproval} never writes. */
export function parseLiveApproval(json: Json): LiveApproval | undefined {
  if (!isObject(json)) return undefined;
  const { digest, facts, logged_at: loggedAt, expires_at: expiresAt, told } = json;
  if (typeof digest !== 'string' || typeof loggedAt !== 'number' || typeof expiresAt !== 'number') return undefined;
  if (!isObject(facts) || !Array.isArray(facts.keys) || !Array.isArray(told)) return undefined;
  const rules = told.filter((id) => typeof id === 'string');
  return { digest, facts: facts as unknown as EntryFacts, loggedAt, expiresAt, told: rules };
}
