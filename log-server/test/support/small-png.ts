/**
 * Makes a screenshot small: true colour, as browsers write it, becomes a palette of 64 (PNG, ISO/IEC 15948). Pages have few
 * colours and much text whose edges run between two of them, so nothing that an eye would find is lost, and docs/ stays
 * light.
 */
import { readFileSync } from 'node:fs';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const PALETTE = 64;
/** Of these, what is most common; a large shadow has dozens of steps that no eye tells apart. */
const COMMON = 16;

type Picture = { readonly width: number; readonly height: number; readonly channels: 3 | 4; readonly pixels: Buffer };

/** @param png not interlaced, 8 bits a channel, RGB or RGBA; alpha is dropped. Throws on any other. */
export function smallPng(png: Buffer): Buffer {
  const picture = decode(png);
  const { width, height, channels, pixels } = picture;
  const palette = choosePalette(picture);
  const places = new Map(palette.map((colour, place) => [colour, place]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = pixels.readUIntBE((y * width + x) * channels, 3);
      let place = places.get(colour);
      if (place === undefined) {
        place = nearest(colour, palette);
        places.set(colour, place);
      }
      rows[y * (width + 1) + 1 + x] = place;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8); // 8 bits, palette
  const colours = Buffer.alloc(palette.length * 3);
  for (const [place, colour] of palette.entries()) colours.writeUIntBE(colour, place * 3, 3);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** What the design tokens name, however little of it there is: the ground of a tag is not another one's. */
const TOKENS: readonly number[] = [
  ...new Set(
    [
      ...readFileSync(new URL('../../src/pages/style/tokens.css', import.meta.url), 'utf8').matchAll(
        /#([0-9a-f]{6})\b/g,
      ),
    ].map(([, hex]) => Number.parseInt(hex ?? '', 16)),
  ),
];

/** What the tokens name, what is most common, then what is farthest from all that was chosen, rare as it may be. */
function choosePalette({ pixels, channels }: Picture): number[] {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += channels) {
    const colour = pixels.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = TOKENS.filter((colour) => counts.has(colour));
  const others = [...counts].filter(([colour]) => !palette.includes(colour));
  const byCount = others.sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  palette.push(...byCount.splice(0, COMMON));
  const far = byCount.map((colour) => Math.min(...palette.map((chosen) => distance(colour, chosen))));
  while (palette.length < PALETTE && byCount.length > 0) {
    const farthest = far.reduce((best, value, place) => (value > (far[best] ?? 0) ? place : best), 0);
    const [colour = 0] = byCount.splice(farthest, 1);
    far.splice(farthest, 1);
    palette.push(colour);
    for (const [place, other] of byCount.entries()) far[place] = Math.min(far[place] ?? 0, distance(colour, other));
  }
  return palette;
}

function nearest(colour: number, palette: readonly number[]): number {
  const distances = palette.map((candidate) => distance(colour, candidate));
  return distances.indexOf(Math.min(...distances));
}

function distance(a: number, b: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);
}

function decode(png: Buffer): Picture {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('not a PNG');
  const data: Buffer[] = [];
  let header = Buffer.alloc(13);
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header = Buffer.from(body);
    if (type === 'IDAT') data.push(body);
    at += length + 12;
  }
  const channels = header[9] === 2 ? 3 : header[9] === 6 ? 4 : undefined;
  if (header[8] !== 8 || channels === undefined || header[12] !== 0)
    throw new Error('not a PNG of the kind that is read here');
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  return {
    width,
    height,
    channels,
    pixels: unfilter(inflateSync(Buffer.concat(data)), width * channels, height, channels),
  };
}

/** Undoes the filters of PNG §9: each byte was stored as its difference from left, above, their mean or Paeth's choice. */
function unfilter(filtered: Buffer, stride: number, height: number, channels: number): Buffer {
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < channels ? 0 : (out[at - channels] ?? 0);
      const above = y === 0 ? 0 : (out[at - stride] ?? 0);
      const corner = x < channels || y === 0 ? 0 : (out[at - stride - channels] ?? 0);
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter] ?? 0;
      out[at] = ((filtered[y * (stride + 1) + 1 + x] ?? 0) + guess) & 255;
    }
  }
  return out;
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const distances = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)] as const;
  if (distances[0] <= distances[1] && distances[0] <= distances[2]) return left;
  return distances[1] <= distances[2] ? above : corner;
}

function chunk(type: string, body: Buffer): Buffer {
  const framed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const whole = Buffer.alloc(framed.length + 8);
  whole.writeUInt32BE(body.length, 0);
  whole.set(framed, 4);
  whole.writeUInt32BE(crc32(framed), framed.length + 4);
  return whole;
}
