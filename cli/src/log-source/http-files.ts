import { CommandFailure } from '../failure.ts';
import { refusal } from '../http/problem.ts';
import { type HttpAnswer, request } from '../http/request.ts';
import { Calm, withRetries } from '../http/retry.ts';
import { createLimit } from '../limit.ts';
import type { LogSourceOptions } from './log-source.ts';
import type { NoFile, StaticFiles } from './static-files.ts';

const LONGEST_PAUSE_MS = 120_000;

/**
 * The files of a log over HTTP, at most so many at once over connections that stay open. A log that is busy or away for a moment is
 * asked again; one that asks to be left alone is, by all requests. Redirects are refused: what answers in the end would be
 * something else than what the user named.
 *
 * @param base its path ends in "/"
 */
export function httpFiles(base: URL, { timeoutMs, concurrency, signal, attempts }: LogSourceOptions): StaticFiles {
  const limited = createLimit(concurrency);
  const calm = new Calm();
  const passing = ['connection_lost', 'timeout', 'unreachable'] as const;
  const name = base.href;
  return {
    name,
    async read(path, maxBytes) {
      const url = new URL(path, base);
      const accept = 'application/octet-stream, text/plain;q=0.9, */*;q=0.1';
      const answer = await limited(() =>
        withRetries(() => request({ url, accept, maxBytes, timeoutMs, signal }), {
          attempts,
          longestPauseMs: LONGEST_PAUSE_MS,
          passing,
          calm,
          signal,
        }),
      );
      return contentOf(answer);
    },
    close: async () => undefined,
  };
}

function contentOf(answer: HttpAnswer): Uint8Array | NoFile {
  if (answer.status === 451) return 'withheld';
  if (answer.status === 404 || answer.status === 410) return 'absent';
  if (answer.status !== 200) throw refusal(answer);
  // A login, a portal, a page of errors: whatever it is, the log did not say it.
  if (answer.mediaType === 'text/html') {
    throw new CommandFailure('answer_malformed', `${answer.url.href} is a web page: is it the address of a log?`);
  }
  return answer.body;
}
