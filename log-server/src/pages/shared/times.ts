/**
 * Evidence is in UTC, and people live elsewhere: a time is shown in the reader's own zone, with UTC beside it, so that two people
 * who compare a receipt read the same.
 */
import { TIMES } from '../../words/common.ts';
import { count, UNITS } from '../../words/counts.ts';
import { element } from './dom.ts';

const DAY = { day: 'numeric', month: 'long', year: 'numeric' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** @param time RFC 3339, from a document that could be read. */
export function timeView(time: string): HTMLTimeElement {
  return shown(time, { ...DAY, ...CLOCK });
}

/** The same for lists, in which one stands under the other. */
export function briefTimeView(time: string): HTMLTimeElement {
  const view = shown(time, { ...DAY, month: 'short', ...CLOCK });
  view.className = 'brief';
  return view;
}

/** The same as text, of a value in a document of which nothing is known; undefined where it is no time (RFC 3339, or milliseconds). */
export function timeText(value: unknown): string | undefined {
  const isTime = typeof value === 'number' || (typeof value === 'string' && RFC3339.test(value));
  const ms = isTime ? new Date(value).getTime() : Number.NaN;
  return Number.isNaN(ms) ? undefined : (timeView(new Date(ms).toISOString()).textContent ?? undefined);
}

function shown(time: string, whole: Intl.DateTimeFormatOptions): HTMLTimeElement {
  const at = new Date(time);
  const show = (options: Intl.DateTimeFormatOptions) => unbroken(at.toLocaleString('en-GB', options));
  const utc = (options: Intl.DateTimeFormatOptions) => show({ ...options, timeZone: 'UTC' }) + TIMES.utc;
  const view = element('time', { datetime: time });
  if (at.getTimezoneOffset() === 0) {
    view.append(utc(whole));
    return view;
  }
  // The day is said once where it is the same.
  const sameDay = show(DAY) === show({ ...DAY, timeZone: 'UTC' });
  const beside = element('span', { class: 'utc' }, `(${utc(sameDay ? CLOCK : whole)})`);
  view.append(show({ ...whole, timeZoneName: 'short' }), ' ', beside);
  return view;
}

/** The day alone, in the reader's zone, and UTC's where that is another one: for sentences. */
export function dayOf(time: string): string {
  const show = (options: Intl.DateTimeFormatOptions) => unbroken(new Date(time).toLocaleString('en-GB', options));
  const [day, utc] = [show(DAY), show({ ...DAY, timeZone: 'UTC' })];
  return day === utc ? utc : `${day} (${utc}${TIMES.utc})`;
}

/** A day stays on one line, and so does a time with its zone. */
function unbroken(text: string): string {
  return text.replace(/ (?!at )/g, '\u00a0');
}

/** `3 days`, `1 minute`, in the largest unit that fits. */
export function duration(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => Math.abs(ms) >= length) ?? UNITS[3];
  return count(Math.round(Math.abs(ms) / size), unit);
}
