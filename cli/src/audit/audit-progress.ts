/** How far an audit is, on standard error: one line that overwrites itself on a terminal, a plain line now and then elsewhere. */
import { say } from '../terminal/output.ts';

const TERMINAL_EVERY_MS = 200;
const PLAIN_EVERY_MS = 10_000;
/** The rate is that of so many milliseconds. */
const RATE_OVER_MS = 10_000;

export type ProgressLine = {
  show(done: number, of: number): void;
  /** A phase without a number. */
  phase(what: string): void;
  /** Takes the line away again. */
  end(): void;
};

/** @param now milliseconds, for tests */
export function progressLine(
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = () => performance.now(),
): ProgressLine {
  const isTerminal = stream.isTTY === true;
  const every = isTerminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let shownAt = now();
  let isShown = false;
  const samples: { at: number; done: number }[] = [];
  const write = (text: string): void => {
    if (isTerminal) stream.write(`\r\u001b[K${text}`);
    else say(text);
    isShown = isTerminal;
  };
  return {
    show(done, of) {
      const at = now();
      if (samples.length === 0) samples.push({ at, done });
      if (at - shownAt < every) return;
      shownAt = at;
      samples.push({ at, done });
      while (samples.length > 2 && at - samples[0]!.at > RATE_OVER_MS) samples.shift();
      write(progressText(done, of, rateOf(samples[0]!, { at, done })));
    },
    phase(what) {
      if (isTerminal) write(what);
    },
    end() {
      if (isShown) stream.write('\r\u001b[K');
      isShown = false;
    },
  };
}

function rateOf(from: { at: number; done: number }, to: { at: number; done: number }): number {
  return to.at > from.at ? ((to.done - from.done) / (to.at - from.at)) * 1000 : 0;
}

/** @param perSecond 0 if nobody knows yet */
export function progressText(done: number, of: number, perSecond: number): string {
  const number = (value: number) => Math.round(value).toLocaleString('en');
  const percent = of === 0 ? 100 : Math.floor((100 * done) / of);
  const rate = perSecond > 0 ? `, ${number(perSecond)}/s, ${durationText((of - done) / perSecond)} left` : '';
  return `${number(done)} of ${number(of)} entries (${percent} %)${rate}`;
}

export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
