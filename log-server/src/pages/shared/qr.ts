/** QR codes (ISO/IEC 18004) as SVG, for paper: a printed page leads back to what it shows. */
import { correction, generate } from 'lean-qr/nano';
import { drawn } from './dom.ts';

/** ISO/IEC 18004 §7.3.8 asks for four modules of nothing around the code. */
const QUIET = 4;

/** Its side in modules, the quiet zone included, and the dark ones as the data of one SVG path. */
export type QrPath = { readonly side: number; readonly path: string };

/**
 * Throws RangeError on text that is too long for any code. Level M: a crease or a stain of a seventh of it does no harm.
 */
export function qrPath(text: string): QrPath {
  const code = encode(text);
  let path = '';
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; ) {
      let width = 0;
      while (code.get(x + width, y)) width++;
      if (width > 0) path += `M${x + QUIET} ${y + QUIET}h${width}v1h-${width}z`;
      x += width + 1;
    }
  }
  return { side: code.size + 2 * QUIET, path };
}

function encode(text: string): ReturnType<typeof generate> {
  try {
    return generate(text, { minCorrectionLevel: correction.M });
  } catch (error) {
    throw new RangeError('text: too long for a QR code', { cause: error });
  }
}

/** Black on white whatever the theme is, as cameras want it. @param label what the code leads to, for those who don't see it */
export function qrView(text: string, label: string): SVGElement {
  const { side, path } = qrPath(text);
  return drawn(
    'svg',
    { viewBox: `0 0 ${side} ${side}`, class: 'qr', role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' },
    drawn('path', { d: `M0 0h${side}v${side}H0z`, fill: '#fff' }),
    drawn('path', { d: path, fill: '#000' }),
  );
}
