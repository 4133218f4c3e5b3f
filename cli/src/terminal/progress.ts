/** How far a long work has come, on standard error: one line that changes on a terminal, a line now and then elsewhere. */
import { say } from './output.ts';

const REDRAW_MS = 200;
const REPEAT_MS = 30_000;

export class Progress {
  readonly #unit: string;
  readonly #started = performance.now();
  #from: number | undefined;
  #shown = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  /** @param unit what is counted, such as "entries" */
  constructor(unit: string) {
    this.#unit = unit;
  }

  show(done: number, total: number): void {
    this.#from ??= done;
    const now = performance.now();
    const isTerminal = process.stderr.isTTY === true;
    if (now - this.#shown < (isTerminal ? REDRAW_MS : REPEAT_MS)) return;
    // Off a terminal, what is over soon is not worth a line.
    const isFirst = this.#shown === Number.NEGATIVE_INFINITY;
    this.#shown = now;
    if (isTerminal) {
      process.stderr.write(`\r\u001b[K${this.#text(done, total, now)}`);
      this.#isDrawn = true;
    } else if (!isFirst) say(this.#text(done, total, now));
  }

  /** Before anything else is said. */
  clear(): void {
    if (this.#isDrawn) process.stderr.write('\r\u001b[K');
    this.#isDrawn = false;
  }

  #text(done: number, total: number, now: number): string {
    const seconds = (now - this.#started) / 1000;
    const rate = seconds > 0 ? (done - (this.#from ?? done)) / seconds : 0;
    const left = rate > 0 ? `, ${duration((total - done) / rate)} left` : '';
    return `${done} of ${total} ${this.#unit}, ${Math.round(rate)} a second${left}`;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
