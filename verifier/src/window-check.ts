/** Whether it was logged in time and has not expired: the check `window` (formats.md §11). */
import type { Statement } from './approval.ts';
import { type Check, failed, passed, skipped } from './report.ts';
import { fail } from './result.ts';
import { formatTime } from './time.ts';

/** How far clocks of the service and of the log may be apart. */
const CLOCK_SKEW = 60_000;

/**
 * @param loggedAt milliseconds, the log's clock; undefined where no signed tree shows that it was logged.
 * @param seenBy milliseconds, when enough witnesses had seen it; undefined where none are asked for, or too few have.
 * @param at the caller's.
 */
export function checkWindow(
  statement: Statement,
  { loggedAt, seenBy }: { readonly loggedAt: number | undefined; readonly seenBy: number | undefined },
  at: number | undefined,
): Check {
  const issued = Date.parse(statement.issued_at);
  const expires = Date.parse(statement.expires_at);
  const before = `before ${statement.expires_at}`;
  if (at !== undefined && at >= expires) {
    return failed('window', fail('expired', 'it has expired'), { expected: before, computed: formatTime(at) });
  }
  if (loggedAt === undefined) {
    return skipped(
      'window',
      'premise_failed',
      "A signed tree that holds it is needed: else the time is nobody's word.",
    );
  }
  const logged = formatTime(loggedAt);
  if (loggedAt < issued - CLOCK_SKEW) {
    const failure = fail('not_yet_valid', 'it was logged before it was issued');
    return failed('window', failure, { expected: `from ${formatTime(issued)} on, less a minute`, computed: logged });
  }
  if (loggedAt >= expires) {
    return failed('window', fail('expired', 'it was logged after it had expired'), {
      expected: before,
      computed: logged,
    });
  }
  for (const item of statement.attested ?? []) {
    const attested = Date.parse(item.at);
    if (attested < issued - CLOCK_SKEW || attested > loggedAt + CLOCK_SKEW) {
      const failure = fail(
        'attested_out_of_window',
        'somebody was authenticated outside the time from issue to logging',
      );
      return failed('window', failure, {
        expected: `${statement.issued_at} to ${logged}, give or take a minute`,
        computed: item.at,
      });
    }
  }
  if (at === undefined) {
    return skipped(
      'window',
      'no_time',
      'It was logged in time; whether it has expired by now, only a caller who says the time can be told.',
    );
  }
  // Asked about the past: what was run before anybody could have seen the approval was run without it, whatever was logged later.
  const known = Math.max(loggedAt, seenBy ?? loggedAt);
  if (at < known - CLOCK_SKEW) {
    const failure = fail('not_yet_valid', 'at that time it was not in the log, or too few witnesses had seen it');
    return failed('window', failure, {
      expected: `from ${formatTime(known)} on, less a minute`,
      computed: formatTime(at),
    });
  }
  return passed('window', `It was logged at ${logged} and expires at ${statement.expires_at}.`);
}
