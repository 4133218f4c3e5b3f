/** The growth of the log as a drawing that the server makes: an area under the sizes of its own heads, and words that say the same. */
import { html } from 'hono/html';
import type { Growth } from '../../growth.ts';
import { TIMES } from '../../words/common.ts';
import { GROWTH } from '../../words/home.ts';
import { dayOf, type Html } from './fragments.ts';

/** Of the drawing, which the page stretches. */
const WIDTH = 600;
const HEIGHT = 120;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Fewer entries, or a shorter time, make no curve. */
const FEWEST = 3;

const MINUTES = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

export function growthChart({ began, until, sizes, lastDay, lastWeek }: Growth): Html {
  const size = sizes.at(-1) ?? 0;
  if (size < FEWEST || until - began < HOUR) return html``;
  const top = axisTop(size);
  const label = until - began > 3 * DAY ? dayOf : (ms: number) => MINUTES.format(ms) + TIMES.utc;
  const recent = until - began > 7 * DAY ? GROWTH.lastWeek(lastWeek, lastDay) : GROWTH.lastDay(lastDay);
  return html`<section class="growth" aria-labelledby="growth">
    <h2 id="growth">${GROWTH.title}</h2>
    <figure>
      <div class="chart">
        <ul class="chart-sizes" aria-hidden="true">
          <li>${top.toLocaleString('en')}</li>
          <li>${(top / 2).toLocaleString('en')}</li>
          <li>0</li>
        </ul>
        <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">
          <path class="chart-grid" d="M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}"/>
          <path class="chart-area" d="M0 ${HEIGHT}L${curve(sizes, top)}L${WIDTH} ${HEIGHT}Z"/>
          <path class="chart-line" d="M${curve(sizes, top)}"/>
        </svg>
        <ul class="chart-times" aria-hidden="true">
          <li>${label(began)}</li>
          <li>${label((began + until) / 2)}</li>
          <li>${label(until)}</li>
        </ul>
      </div>
      <figcaption class="note">${GROWTH.grew(label(began), label(until), size)} ${recent}</figcaption>
    </figure>
  </section>`;
}

/** Coordinates to a tenth, so that the drawing stays small. */
export function curve(sizes: readonly number[], top: number): string {
  const steps = Math.max(1, sizes.length - 1);
  return sizes
    .map((size, step) => `${tenth((WIDTH * step) / steps)} ${tenth(HEIGHT - (HEIGHT * size) / top)}`)
    .join('L');
}

function tenth(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** The least of 2, 4, 6, 8, 10, 20, 40, … that is no smaller: its half is a whole number too. */
export function axisTop(size: number): number {
  for (let power = 1; ; power *= 10) {
    for (const step of [2, 4, 6, 8, 10]) if (step * power >= size) return step * power;
  }
}
