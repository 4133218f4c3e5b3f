import { formatTime, parseTime } from '@assent/verifier';
import { CommandFailure } from './failure.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A time on a command line, as documents write it: `now`, `2026-04-03T17:00:00.000Z` (the milliseconds may be left out), or `+90d`,
 * `+12h`, `+30m` after `from`.
 *
 * @param from milliseconds
 */
export function parseMoment(text: string, flag: string, from = Date.now()): string {
  if (text === 'now') return formatTime(Date.now());
  const [, count, unit] = /^\+([1-9][0-9]{0,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return formatTime(from + Number(count) * UNITS[unit]!);
  const time = parseTime(text.replace(/(:[0-9]{2})Z$/, '$1.000Z'));
  if (time.ok) return formatTime(time.value);
  throw new CommandFailure(
    'usage',
    `${flag} takes "now", a time in UTC such as ${formatTime(from)}, or +90d, +12h, +30m`,
  );
}
