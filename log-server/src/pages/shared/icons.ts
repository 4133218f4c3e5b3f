import { setAttributes } from './dom.ts';

const SVG = 'http://www.w3.org/2000/svg';

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
  // A triangle: something is missing.
  incomplete: ['M12 3.5 21.5 20.25h-19Z', 'M12 10v4.5M12 17.25v.01'],
  copy: ['M9 9h10.25v11H9Z', 'M15 5.5V4H4.75v11.25H6.5'],
  file: ['M6 3h8l4.5 4.5V21H6Z', 'M13.75 3v5h4.75M12 12v5.5m-2.25-2.25L12 12l2.25 3.25'],
  passkey: [
    'M9 3.75a4 4 0 1 0 0 8a4 4 0 1 0 0-8ZM2.75 20.25c0-3.5 2.8-5.5 6.25-5.5 1.2 0 2.3.25 3.25.7',
    'M17.5 9.5a2.75 2.75 0 0 0-1 5.3v4.7l1.25 1.25 1.5-1.5-1-1.25 1-1.25-.95-1.25a2.75 2.75 0 0 0-.8-6Z',
  ],
} as const;

export type IconName = keyof typeof SHAPES;

/** Decoration: the words beside it say the same. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  setAttributes(svg, { viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false', class: `icon-${name}` });
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(SVG, 'path');
    setAttributes(path, {
      d: shape,
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': '1.75',
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
    });
    svg.append(path);
  }
  return svg;
}
