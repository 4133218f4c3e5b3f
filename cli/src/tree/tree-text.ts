/**
 * A path through a tree as a terminal can show it: the root on top, the left child above the right one.
 *
 *     ◆ ca4fc624…556e2f0b  root of 3 entries
 *     ├─◆ 0a1b2c3d…9e8f7a6b  entries 0 to 1
 *     │ ├─○ 754201f8…23614d09  entry 0, from the proof
 *     │ └─● 42fb088c…de7a226f  entry 1, this one
 *     └─○ 11223344…55667788  entry 2, from the proof
 */
import { hexEncode } from '@assent/verifier';
import { countOf } from '../terminal/count-of.ts';
import type { Paint } from '../terminal/paint.ts';
import type { MerklePath, PathNode } from './merkle-path.ts';

export type TreeStyle = {
  /** Columns. */
  readonly width: number;
  readonly ascii: boolean;
  readonly paint: Paint;
};

const UNICODE = { path: '◆', proof: '○', entry: '●', tee: '├─', corner: '└─', bar: '│ ', gap: '  ', dots: '…' };
const ASCII = { path: '+', proof: 'o', entry: '*', tee: '|-', corner: '`-', bar: '| ', gap: '  ', dots: '..' };

const DIGITS = 64;
const FEWEST_DIGITS = 8;

type Line = {
  readonly indent: string;
  readonly glyph: 'path' | 'proof' | 'entry';
  readonly node: PathNode;
  readonly note: string;
};

export function treeLines(path: MerklePath, { width, ascii, paint }: TreeStyle): readonly string[] {
  const marks = ascii ? ASCII : UNICODE;
  const root = { start: 0, end: path.size, hash: path.root };
  const count = countOf(path.size, 'entry');
  const top: Line = {
    indent: '',
    glyph: path.steps.length === 0 ? 'entry' : 'path',
    node: root,
    note: path.steps.length === 0 ? `root of ${count}, and this entry` : `root of ${count}`,
  };
  const lines = [top, ...below(path, 0, '', marks)];
  // All hashes are cut alike, so that they can be compared by eye.
  const room = Math.min(...lines.map(({ indent, note }) => width - indent.length - 4 - note.length));
  const shorten = (hash: Uint8Array) => shortHash(hexEncode(hash), room, marks.dots);
  return lines.map(({ indent, glyph, node, note }) => {
    const hash = shorten(node.hash);
    const shown = glyph === 'proof' ? paint('dim', hash) : paint(glyph === 'entry' ? ['bold', 'green'] : 'bold', hash);
    return `${paint('dim', indent)}${marks[glyph]} ${shown}  ${note}`;
  });
}

function below(
  { steps, index }: Pick<MerklePath, 'steps' | 'index'>,
  level: number,
  indent: string,
  marks: typeof UNICODE,
): readonly Line[] {
  const step = steps[level];
  if (step === undefined) return [];
  const isLeaf = level === steps.length - 1;
  const { node, sibling, side } = step;
  const isFirst = side === 'right';
  const own: readonly Line[] = [
    {
      indent: indent + (isFirst ? marks.tee : marks.corner),
      glyph: isLeaf ? 'entry' : 'path',
      node,
      note: isLeaf ? `entry ${index}, this one` : rangeText(node),
    },
    ...below({ steps, index }, level + 1, indent + (isFirst ? marks.bar : marks.gap), marks),
  ];
  const beside: Line = {
    indent: indent + (isFirst ? marks.corner : marks.tee),
    glyph: 'proof',
    node: sibling,
    note: `${rangeText(sibling)}, from the proof`,
  };
  return isFirst ? [...own, beside] : [beside, ...own];
}

function rangeText({ start, end }: PathNode): string {
  return end - start === 1 ? `entry ${start}` : `entries ${start} to ${end - 1}`;
}

function shortHash(hex: string, room: number, dots: string): string {
  if (room >= DIGITS) return hex;
  const digits = Math.max(FEWEST_DIGITS, Math.min(32, room - dots.length));
  return `${hex.slice(0, Math.ceil(digits / 2))}${dots}${hex.slice(DIGITS - Math.floor(digits / 2))}`;
}

/** POSIX: LC_ALL over LC_CTYPE over LANG; without any of them the locale is C, which has no such characters. */
export function isUtf8Locale(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): boolean {
  if (platform === 'win32') return true;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || 'C';
  return /utf-?8/i.test(locale);
}
