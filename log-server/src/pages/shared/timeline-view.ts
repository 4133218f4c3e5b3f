import type { ApprovalFacts, Report, VerifiedApprovalFacts } from '@assent/verifier';
import { isReportedWord } from '../../http/pages/services-word.ts';
import { TIMES } from '../../words/common.ts';
import { ATTESTED } from '../../words/names.ts';
import { CLOCKS, DECIDED, TIMELINE, USED_UNPROVEN } from '../../words/receipts.ts';
import { type Child, element, note, saidInBrief } from './dom.ts';
import { duration, timeView } from './times.ts';

/** What is known of the use of an approval for one use. `boundary` is the name that the one who used it gives itself. */
export type Use =
  | { readonly kind: 'used'; readonly at: string; readonly boundary: string }
  /** A receipt of its use comes along, and does not hold up. */
  | { readonly kind: 'claimed' }
  /** The log that was asked knows of none. */
  | { readonly kind: 'unused' }
  | { readonly kind: 'unknown' };

type Moment = {
  readonly what: string;
  /** RFC 3339; absent where no clock says it. */
  readonly at?: string | undefined;
  readonly clock?: keyof typeof CLOCKS;
  readonly remark?: Child;
  /** How long until then, of what is to come. */
  readonly ahead?: string;
  /** Whether it has happened, is to come, or is the present. */
  readonly state?: 'open' | 'now';
};

/** Asked, approved, logged, witnessed, used, expires: in the order of time, with the present among them. */
export function timelineView(report: Report, use: Use, now: number): HTMLElement | undefined {
  const approval = report.approval ?? report.unverified_approval;
  const log = report.log ?? report.unverified_log;
  if (approval === undefined && log?.logged_at === undefined) return undefined;
  const moments = inOrder([
    ...(approval ? beforeLogging(approval, Date.parse(log?.logged_at ?? '') || now) : []),
    ...(log?.logged_at === undefined ? [] : [{ what: TIMELINE.logged, at: log.logged_at, clock: 'log' } as const]),
    ...witnessed(report),
    ...(approval?.decision === 'approved' ? afterwards(approval, use, now) : []),
    { what: TIMELINE.now, at: new Date(now).toISOString(), clock: 'you', state: 'now' },
  ]);
  return element(
    'ol',
    { class: 'timeline' },
    ...moments.map((moment, index) =>
      momentView(
        moment,
        moments.slice(0, index).findLast(({ at }) => at !== undefined),
      ),
    ),
  );
}

/** @param known ms, when it was known of at the latest */
function beforeLogging(approval: ApprovalFacts | VerifiedApprovalFacts, known: number): Moment[] {
  const { decision, attested = [], issued_at, expires_at } = approval;
  return [
    { what: TIMELINE.asked, at: issued_at, clock: 'service' },
    ...attested.map(({ approver, at }) => ({
      what: ATTESTED[decision],
      at,
      clock: 'service' as const,
      remark: saidInBrief(approver, 80),
    })),
    ...(decision === 'expired' ? [unanswered(expires_at, known)] : signed(approval, decision)),
  ];
}

/** Where nothing but a service's word decides, what it said of people stands above already. */
function signed(approval: ApprovalFacts | VerifiedApprovalFacts, decision: 'approved' | 'rejected'): Moment[] {
  const isWord = isReportedWord(approval);
  if (isWord && approval.attested !== undefined) return [];
  return [{ what: (isWord ? ATTESTED : DECIDED)[decision], remark: TIMELINE.between }];
}

/** Nobody decides at the moment at which the time to answer is up; who said so before that did not wait for an answer. */
function unanswered(until: string, known: number): Moment {
  const what = DECIDED.expired;
  return known < Date.parse(until)
    ? { what, remark: element('span', {}, TIMELINE.tooEarly, timeView(until), '.') }
    : { what, at: until, clock: 'service' };
}

/** Nothing where nothing is known of witnesses. */
export function witnessed({ log, checks }: Report): Moment[] {
  if (log?.seen_by !== undefined) {
    const names = log.witnesses.map(({ name }) => name).join(', ');
    return [{ what: TIMELINE.witnessed, at: log.seen_by, clock: 'witnesses', remark: saidInBrief(names, 200) }];
  }
  const check = checks.find(({ id }) => id === 'witnesses');
  if (check?.code === 'no_quorum') return [{ what: TIMELINE.notWitnessed, remark: TIMELINE.noWitness, state: 'open' }];
  if (check?.code !== 'quorum_not_reached') return [];
  return [{ what: TIMELINE.notYetWitnessed, remark: TIMELINE.noWitnessYet, state: 'open' }];
}

function afterwards({ use: uses, expires_at }: ApprovalFacts, use: Use, now: number): Moment[] {
  const left = Date.parse(expires_at) - now;
  const isPast = left <= 0;
  const expires: Moment = {
    what: isPast ? TIMELINE.expired : TIMELINE.expires,
    at: expires_at,
    ...(!isPast && { state: 'open', ahead: TIMES.in + duration(left) }),
  };
  return uses === 'single' ? [usedMoment(use), expires] : [expires];
}

function usedMoment(use: Use): Moment {
  switch (use.kind) {
    case 'used':
      return { what: TIMELINE.used, at: use.at, clock: 'log', remark: saidInBrief(use.boundary, 80) };
    case 'claimed':
      return { what: TIMELINE.useUnknown, remark: USED_UNPROVEN, state: 'open' };
    case 'unused':
      return { what: TIMELINE.notUsed, remark: TIMELINE.unused, state: 'open' };
    case 'unknown':
      return { what: TIMELINE.useUnknown, remark: TIMELINE.notHere, state: 'open' };
  }
}

/** By time; what has none stays behind what it follows. Witnesses round down to a second, and saw nothing before it was there. */
function inOrder(moments: readonly Moment[]): readonly Moment[] {
  let last = Number.NEGATIVE_INFINITY;
  const placed = moments.map((moment) => {
    const { at, clock, state } = moment;
    const time = at === undefined ? last : Date.parse(at) + (clock === 'witnesses' ? 999 : 0);
    if (state !== 'now') last = Math.max(last, time);
    return { moment, time };
  });
  return placed.sort((a, b) => a.time - b.time).map(({ moment }) => moment);
}

function momentView({ what, at, clock, remark, ahead, state }: Moment, before: Moment | undefined): HTMLElement {
  const later = at === undefined || before?.at === undefined ? 0 : Date.parse(at) - Date.parse(before.at);
  // What did not happen is not to be read as if it had.
  const isNone = state === 'open' && at === undefined;
  const notes = [
    // Witnesses say by when it was there at the latest, and not when it came.
    ...(ahead !== undefined ? [ahead] : later >= 1_000 && clock !== 'witnesses' ? [duration(later) + TIMES.later] : []),
    ...(clock === undefined ? [] : [CLOCKS[clock]]),
  ].join(', ');
  return element(
    'li',
    {
      class: `moment ${isNone ? 'none' : (state ?? (at === undefined ? 'between' : 'past'))}`,
      'aria-current': state === 'now' && 'time',
    },
    isNone ? element('span', { class: 'soft' }, what) : element('strong', {}, what),
    element(
      'div',
      {},
      at !== undefined && element('p', {}, timeView(at)),
      remark !== undefined && note(remark),
      notes !== '' && element('p', { class: 'note clock' }, notes),
    ),
  );
}
