/**
 * Whether enough witnesses of a log policy cosigned, and since when (https://c2sp.org/tlog-policy, "Defining a witness
 * group"; formats.md §7, `seen_by`).
 *
 * Every witness has a time: the least one that it cosigned with, or never. A group's time is the threshold-th smallest of
 * its members' times, because that is the first moment at which enough of them had seen the checkpoint. So the quorum's
 * time is the least one at which it was met, and it is met if that is not never. Groups stand after their members: one
 * pass, no recursion.
 */
import type { VerifiedCosignature } from './cosignature.ts';
import { type LogPolicy, NO_QUORUM } from './log-policy.ts';

/** A witness or group of which more would be needed. */
export type QuorumGap = {
  readonly name: string;
  /** How many of its members have to have seen the checkpoint, and have. 1 and 0 for a witness. */
  readonly needs: number;
  readonly has: number;
  /** The members that have not; none for a witness. */
  readonly absent: readonly string[];
};

export type QuorumEvaluation = {
  readonly met: boolean;
  /** Milliseconds: the least time at which the cosignatures meet the quorum. Absent if they don't, or none are asked for. */
  readonly seenBy?: number;
  /** What is missing where the quorum is not met: the quorum itself, then the groups in it that lack members. */
  readonly gaps: readonly QuorumGap[];
};

const NEVER = Number.POSITIVE_INFINITY;

/** @param cosignatures from `verifyCosignatures`. Those of others than the policy's witnesses don't count. */
export function evaluateQuorum(policy: LogPolicy, cosignatures: readonly VerifiedCosignature[]): QuorumEvaluation {
  if (policy.quorum === NO_QUORUM) return { met: true, gaps: [] };
  const times = new Map<string, number>();
  for (const { name, key } of policy.witnesses) {
    const own = cosignatures.filter(({ cosigner }) => cosigner.vkey === key.vkey).map(({ time }) => time);
    times.set(name, Math.min(NEVER, ...own));
  }
  const timeOf = (name: string) => times.get(name) ?? NEVER;
  for (const { name, threshold, members } of policy.groups) {
    const sorted = members.map(timeOf).sort(ascending);
    times.set(name, sorted[threshold - 1] ?? NEVER);
  }
  const seenBy = timeOf(policy.quorum);
  if (seenBy !== NEVER) return { met: true, seenBy, gaps: [] };
  return { met: false, gaps: gapsOf(policy, policy.quorum, (name) => timeOf(name) === NEVER) };
}

function gapsOf(policy: LogPolicy, quorum: string, isAbsent: (name: string) => boolean): readonly QuorumGap[] {
  const gaps: QuorumGap[] = [];
  const queue = [quorum];
  for (const name of queue) {
    const group = policy.groups.find((candidate) => candidate.name === name);
    if (group === undefined) {
      // A witness that is a member is named by its group.
      if (name === quorum) gaps.push({ name, needs: 1, has: 0, absent: [] });
      continue;
    }
    const absent = group.members.filter(isAbsent);
    gaps.push({ name, needs: group.threshold, has: group.members.length - absent.length, absent });
    queue.push(...absent);
  }
  return gaps;
}

/** Infinity minus itself is no number, so not a subtraction. */
function ascending(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
