import { drawn } from './dom.ts';

/** Every state has a shape of its own, because colour alone tells nobody anything: paths in a 24 × 24 box. */
const SHAPES = {
  // A ring that is closed, and a tick.
  pass: ['M12 2.75a9.25 9.25 0 1 0 0 18.5a9.25 9.25 0 1 0 0-18.5Z', 'm8 12.5 2.75 2.75L16.25 9.25'],
  // An octagon, as a stop sign, and a cross.
  fail: ['M8.2 2.75h7.6l5.45 5.45v7.6l-5.45 5.45H8.2l-5.45-5.45V8.2Z', 'm9 9 6 6M15 9l-6 6'],
  // A ring that is broken: nothing was looked at.
  skip: ['M12 2.75a9.25 9.25 0 1 0 0 18.5a9.25 9.25 0 1 0 0-18.5Z', 'M8.5 12h7'],
  // A ring with a bar: somebody said no.
  refused: ['M12 2.75a9.25 9.25 0 1 0 0 18.5a9.25 9.25 0 1 0 0-18.5Z', 'm6 6 12 12'],
  // A document with a tick: a record, and not a permission.
  authentic: ['M5.5 2.75H14l4.5 4.5v14h-13Z', 'M13.75 3v4.5h4.5', 'm8.5 14.25 2.5 2.5L15.5 12'],
  // A clock: it is on its way.
  pending: ['M12 2.75a9.25 9.25 0 1 0 0 18.5a9.25 9.25 0 1 0 0-18.5Z', 'M12 7v5.25l3.5 2'],
  // A triangle: something is missing.
  incomplete: ['M12 3.5 21.5 20.25h-19Z', 'M12 10v4.5M12 17.25v.01'],
  copy: ['M9 9h10.25v11H9Z', 'M15 5.5V4H4.75v11.25H6.5'],
  print: ['M7 8V3.5h10V8', 'M7 17H4V8.5h16V17h-3M7 14h10v6.5H7Z'],
  file: ['M6 3h8l4.5 4.5V21H6Z', 'M13.75 3v5h4.75M12 12v5.5m-2.25-2.25L12 12l2.25 3.25'],
} as const;

export type IconName = keyof typeof SHAPES;

/** Decoration: the words beside it say the same. */
export function icon(name: IconName): SVGElement {
  const line = {
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '1.75',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  };
  return drawn(
    'svg',
    { viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false', class: `icon-${name}` },
    ...SHAPES[name].map((d) => drawn('path', { ...line, d })),
  );
}
