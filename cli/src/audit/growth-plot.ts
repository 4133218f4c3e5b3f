/** The growth of a log over time, with its failures, as inline SVG. Labels are HTML, so that they stay legible at any width. */
import { html } from './audit-html.ts';
import type { AuditReport } from './audit-report.ts';

const WIDTH = 1000;
const HEIGHT = 260;

type Point = AuditReport['growth'][number];

export function growthPlot(points: readonly Point[]): string {
  const total = points.reduce((sum, { entries }) => sum + entries, 0);
  if (total === 0) return '<p>There is nothing to plot.</p>';
  const failures = points.reduce((sum, point) => sum + point.failures, 0);
  const places = place(points, total);
  const line = places.map(({ x, y }) => `${x} ${y}`).join(' L ');
  const marks = places.flatMap(({ x, y, failures: count }) =>
    count > 0
      ? [`<line class="failure" x1="${x}" x2="${x}" y1="${HEIGHT}" y2="${y}"><title>${count} findings</title></line>`]
      : [],
  );
  const times = points.flatMap(({ time }) => time ?? []);
  const [first, last] = [times[0], times.at(-1)];
  const label = `${total.toLocaleString('en')} entries from ${first ?? 'an unknown time'} to ${last ?? 'an unknown time'}, ${failures.toLocaleString('en')} findings among them`;
  const legend = failures > 0 ? ' <span class="failure-key">findings</span>' : '';
  return `<figure>
<div class="plot"><span class="most">${total.toLocaleString('en')} entries</span>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${html(label)}">
<path class="area" d="M 0 ${HEIGHT} L ${line} L ${WIDTH} ${HEIGHT} Z"/>
<path class="line" d="M 0 ${HEIGHT} L ${line}"/>
${marks.join('\n')}
</svg></div>
<figcaption><span>${html(day(first))}</span><span class="middle">entries so far${legend}</span><span>${html(day(last))}</span></figcaption>
</figure>`;
}

/** By time; where no entry could be read, evenly. A log whose times go backwards is drawn as it says. */
function place(points: readonly Point[], total: number): readonly { x: number; y: number; failures: number }[] {
  const times = points.flatMap(({ time }) => (time === undefined ? [] : [Date.parse(time)]));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  let entries = 0;
  let before = 0;
  return points.map(({ time, entries: more, failures }, i) => {
    entries += more;
    const share = last > first && time !== undefined ? (Date.parse(time) - first) / (last - first) : undefined;
    before = times.length > 1 && last > first ? (share ?? before) : (i + 1) / points.length;
    return { x: round(before * WIDTH), y: round(HEIGHT - (entries / total) * (HEIGHT - 10)), failures };
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function day(time: string | undefined): string {
  return time === undefined ? '' : time.slice(0, 16).replace('T', ' ');
}
