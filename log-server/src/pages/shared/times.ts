/**
 * Evidence is in UTC, and people live elsewhere: a time is shown in the reader's own zone, with UTC beside it, so that two people
 * who compare a receipt read the same.
 */
import { element } from './dom.ts';

const DATE = { day: 'numeric', month: 'long', year: 'numeric' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
const LOCAL = new Intl.DateTimeFormat('en-GB', { ...DATE, ...CLOCK, timeZoneName: 'short' });
const UTC = new Intl.DateTimeFormat('en-GB', { ...DATE, ...CLOCK, timeZone: 'UTC' });
const UTC_CLOCK = new Intl.DateTimeFormat('en-GB', { ...CLOCK, timeZone: 'UTC' });
const LOCAL_DAY = new Intl.DateTimeFormat('en-GB', DATE);
const UTC_DAY = new Intl.DateTimeFormat('en-GB', { ...DATE, timeZone: 'UTC' });

/** @param time RFC 3339, from a document that could be read. */
export function timeView(time: string): HTMLTimeElement {
  const at = new Date(time);
  const view = element('time', { datetime: time });
  if (at.getTimezoneOffset() === 0) view.append(`${UTC.format(at)} UTC`);
  else view.append(LOCAL.format(at), ' ', element('span', { class: 'utc' }, `(${besideLocal(at, UTC)})`));
  return view;
}

/** The day is said once where it is the same. */
function besideLocal(at: Date, whole: Intl.DateTimeFormat): string {
  const sameDay = LOCAL_DAY.format(at) === UTC_DAY.format(at);
  return `${(sameDay ? UTC_CLOCK : whole).format(at)} UTC`;
}

const BRIEF = new Intl.DateTimeFormat('en-GB', { ...DATE, month: 'short', ...CLOCK, timeZoneName: 'short' });
const BRIEF_UTC = new Intl.DateTimeFormat('en-GB', { ...DATE, month: 'short', ...CLOCK, timeZone: 'UTC' });

/** The same for lists, in which one stands under the other. */
export function briefTimeView(time: string): HTMLTimeElement {
  const at = new Date(time);
  const view = element('time', { datetime: time, class: 'brief' });
  if (at.getTimezoneOffset() === 0) view.append(`${BRIEF_UTC.format(at)} UTC`);
  else view.append(BRIEF.format(at), ' ', element('span', { class: 'utc' }, `(${besideLocal(at, BRIEF_UTC)})`));
  return view;
}

/** The day alone, in the reader's zone: for sentences. */
export function dayOf(time: string): string {
  return LOCAL_DAY.format(new Date(time));
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** `3 days`, `1 minute`, in the largest unit that fits. */
export function duration(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => Math.abs(ms) >= length) ?? UNITS[3];
  const count = Math.round(Math.abs(ms) / size);
  return `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`;
}
