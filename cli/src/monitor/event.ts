/**
 * What a monitor tells, on standard output, to a webhook and to a command, each as one JSON document:
 *
 *     { "type": "assent/monitor-event/v1", "id": "evt_7c1f…", "code": "match", "severity": "notice",
 *       "log": "log.example.com/approvals", "noticed_at": "2026-04-03T17:00:00.000Z",
 *       "detail": "entry 7: rule payments", "rule": "payments", "entry": { "index": 7, … } }
 *
 * It may arrive more than once, and then with the same `id`.
 */
import { createHash } from 'node:crypto';
import { formatTime, type Json, type JsonObject } from '@assent/verifier';

export const EVENT_TYPE = 'assent/monitor-event/v1';

/** What is wrong with the log itself, from when it begins until it is over: each is another alarm, as each asks for something else. */
export const CONDITIONS = ['fork', 'rollback', 'misbehaviour', 'stale_head', 'outage'] as const;
export type Condition = (typeof CONDITIONS)[number];

export type EventCode =
  | Condition
  | `${Condition}_over`
  /** A rule about entries. */
  | 'match'
  | 'untrusted_key'
  | 'unconsumed'
  | 'unapproved'
  /** A version of the trust root that the user does not have. */
  | 'trust_root'
  /** What a log must not take, and what this monitor cannot look at. */
  | 'invalid_entry'
  | 'backdated'
  | 'unreadable_entry'
  | 'withheld';

export type Severity = 'alarm' | 'notice' | 'recovery';

export type MonitorEvent = {
  readonly type: typeof EVENT_TYPE;
  readonly id: string;
  readonly code: EventCode;
  readonly severity: Severity;
  readonly log: string;
  readonly noticed_at: string;
  /** In words. */
  readonly detail: string;
  readonly rule?: string;
  readonly entry?: JsonObject;
  /** Since when, of a condition. */
  readonly since?: string;
  /** What shows it to others: a proof of misbehaviour, or signed heads. */
  readonly evidence?: Json;
};

export type EventParts = Omit<MonitorEvent, 'type' | 'id' | 'noticed_at'> & {
  /** What makes it this event and no other, beside code, log and rule; the same again is the same event. */
  readonly about: string | number;
};

/** @param now milliseconds */
export function createEvent({ about, ...parts }: EventParts, now: number): MonitorEvent {
  const identity = JSON.stringify([parts.log, parts.code, parts.rule ?? null, about]);
  const id = `evt_${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`;
  return { type: EVENT_TYPE, id, noticed_at: formatTime(now), ...parts };
}
