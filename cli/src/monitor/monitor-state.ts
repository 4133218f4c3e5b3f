/** What a monitor remembers: `assent/monitor-state/v1`. */
import type { Json, JsonObject } from '@assent/verifier';
import type { StateFormat } from '../files/state-file.ts';
import { isObject } from '../http/problem.ts';
import { CONDITIONS, type Condition, EVENT_TYPE, type MonitorEvent } from './event.ts';
import { formatLiveApproval, type LiveApproval, parseLiveApproval } from './live-approvals.ts';

/** An event, and who has still to be told. */
export type Undelivered = { readonly event: MonitorEvent; readonly to: readonly string[] };

/** Times are milliseconds. */
export type MonitorState = {
  readonly origin: string;
  /** With which the first head was checked: a log that names others later is not believed, unless the user pins them. */
  readonly logKeys: readonly string[];
  /** The newest checkpoint that was accepted; undefined as long as none was. */
  readonly checkpoint?: string;
  /** The first entry that was looked at; undefined as long as the newest head is to say. */
  readonly began?: number;
  /** The next one to be looked at. */
  readonly next: number;
  /** Entries so far of which nobody but their owners knows what they say. */
  readonly hidden: number;
  /** The newest `logged_at`. */
  readonly clock: number;
  /** When witnesses saw the tree without what comes next. */
  readonly unseenAt?: number;
  /** When the head was new, by its witnesses or the log itself. */
  readonly freshAt?: number;
  /** Since when no answer came. */
  readonly failingSince?: number;
  /** Since when each is so. */
  readonly conditions: { readonly [name in Condition]?: number };
  readonly live: readonly LiveApproval[];
  readonly outbox: readonly Undelivered[];
};

/** What changes while it runs. */
export type Draft = { -readonly [name in keyof Omit<MonitorState, 'live' | 'outbox'>]: MonitorState[name] };

export const MONITOR_STATE: StateFormat<MonitorState> = { type: 'assent/monitor-state/v1', parse, format };

function format(state: MonitorState): JsonObject {
  const { logKeys, unseenAt, freshAt, failingSince, live, outbox, ...rest } = state;
  return {
    ...rest,
    log_keys: logKeys,
    ...(unseenAt !== undefined && { unseen_at: unseenAt }),
    ...(freshAt !== undefined && { fresh_at: freshAt }),
    ...(failingSince !== undefined && { failing_since: failingSince }),
    live: live.map(formatLiveApproval),
    outbox: outbox.map(({ event, to }) => ({ event: event as unknown as JsonObject, to })),
  };
}

function parse(document: JsonObject): MonitorState | undefined {
  const { origin, log_keys, checkpoint, began, next, hidden, clock, conditions, live, outbox } = document;
  const { unseen_at, fresh_at, failing_since } = document;
  if (typeof origin !== 'string' || !isTexts(log_keys) || !isObject(conditions)) return undefined;
  if (checkpoint !== undefined && typeof checkpoint !== 'string') return undefined;
  if (!isOptionalCount(began) || !isCount(next) || !isCount(hidden) || !isCount(clock)) return undefined;
  if (!isOptionalCount(unseen_at) || !isOptionalCount(fresh_at) || !isOptionalCount(failing_since)) return undefined;
  const since = Object.entries(conditions);
  if (!since.every(([name, at]) => (CONDITIONS as readonly string[]).includes(name) && isCount(at))) return undefined;
  const approvals = Array.isArray(live) ? live.map(parseLiveApproval) : [undefined];
  const undelivered = Array.isArray(outbox) ? outbox.map(parseUndelivered) : [undefined];
  if (approvals.includes(undefined) || undelivered.includes(undefined)) return undefined;
  return {
    origin,
    logKeys: log_keys,
    ...(checkpoint !== undefined && { checkpoint }),
    ...(began !== undefined && { began }),
    next,
    hidden,
    clock,
    ...(unseen_at !== undefined && { unseenAt: unseen_at }),
    ...(fresh_at !== undefined && { freshAt: fresh_at }),
    ...(failing_since !== undefined && { failingSince: failing_since }),
    conditions: conditions as MonitorState['conditions'],
    live: approvals.filter((approval) => approval !== undefined),
    outbox: undelivered.filter((item) => item !== undefined),
  };
}

function parseUndelivered(json: Json): Undelivered | undefined {
  if (!isObject(json) || !isObject(json.event) || !isTexts(json.to)) return undefined;
  const { type, id, code, detail } = json.event;
  if (type !== EVENT_TYPE || typeof id !== 'string' || typeof code !== 'string' || typeof detail !== 'string')
    return undefined;
  return { event: json.event as unknown as MonitorEvent, to: json.to };
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isOptionalCount(value: Json | undefined): value is number | undefined {
  return value === undefined || isCount(value);
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
