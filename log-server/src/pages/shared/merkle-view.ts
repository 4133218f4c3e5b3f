import {
  type Checkpoint,
  equalBytes,
  hasLoneSurrogate,
  hexEncode,
  leafHash,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  type TlogProof,
  utf8Encode,
} from '@assent/verifier';
import { PATH, PATH_TERMS } from '../../words/path.ts';
import { button, codeField, digest, drawn, element, more, note, replaceChildren } from './dom.ts';
import { fromEditable, toEditable } from './editable-entry.ts';
import { type LeafRange, type MerkleStep, merklePath } from './merkle-path.ts';
import { termsView } from './terms-view.ts';

type Climb = {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly steps: readonly MerkleStep[];
  readonly signedRoot: Uint8Array;
};
type Proof = TlogProof & Pick<Checkpoint, 'size' | 'root'>;

/** Over this an entry is none that a log would take, and a text field would choke on it. */
const MAX_EDITED = 65_535;

/** The entry's way up to the signed root, computed here, and again with every character that is changed. */
export function merkleParts(receipt: { readonly entry: string; readonly proof: string }): HTMLElement[] {
  const proof = readProof(receipt.proof);
  const original = proof && climb(proof, receipt.entry);
  if (proof === undefined || original === undefined) return [note(PATH.unreadable)];
  const picture = element('div', { class: 'path-picture' });
  const list = element('ol', { class: 'path-list' });
  const outcome = element('p', { class: 'path-outcome', role: 'status' });
  const draw = (entry: string): void => {
    const now = climb(proof, entry) ?? original;
    replaceChildren(picture, pictureOf(now, original));
    replaceChildren(list, ...listOf(now));
    const holds = equalBytes(rootOf(now), now.signedRoot);
    outcome.className = `path-outcome ${holds ? 'pass' : 'fail'}`;
    // Set only when it changes, or a screen reader would say it again with every key.
    const text = holds ? PATH.holds : PATH.breaks;
    if (outcome.textContent !== text) outcome.textContent = text;
  };
  draw(receipt.entry);
  return [
    note(original.steps.length === 0 ? PATH.lone : PATH.lead),
    element(
      'div',
      { class: 'path-parts' },
      picture,
      element('div', { class: 'path-side' }, editor(receipt.entry, draw), outcome),
    ),
    more(PATH.list, list),
    termsView(PATH_TERMS),
  ];
}

function readProof(text: string): Proof | undefined {
  const proof = parseTlogProof(text);
  const note = proof.ok ? parseNote(proof.value.checkpoint) : proof;
  const head = note.ok ? parseCheckpoint(note.value.text) : note;
  return proof.ok && head.ok ? { ...proof.value, size: head.value.size, root: head.value.root } : undefined;
}

function climb({ index, size, root, proof }: Proof, entry: string): Climb | undefined {
  const leaf = leafHash(utf8Encode(entry));
  const steps = merklePath(index, size, leaf, proof);
  return steps && { index, leaf, steps, signedRoot: root };
}

function rootOf({ steps, leaf }: Climb): Uint8Array {
  return steps.at(-1)?.parent ?? leaf;
}

function editor(entry: string, draw: (entry: string) => void): HTMLElement {
  if (entry.length > MAX_EDITED) return note(PATH.tooLong);
  const text = codeField('path-entry', '8', 'path-try');
  const original = toEditable(entry);
  text.value = original;
  const back = button(() => set(original), PATH.restore);
  const update = (): void => {
    back.disabled = text.value === original;
    const changed = fromEditable(text.value);
    // Half of a pair, as it may be left by deleting the other half, has no bytes that could be hashed.
    draw(hasLoneSurrogate(changed) ? text.value.replace(/[\ud800-\udfff]/g, '?') : changed);
  };
  text.addEventListener('input', update);
  const set = (value: string, changed?: number): void => {
    text.value = value;
    update();
    text.focus();
    if (changed !== undefined) text.setSelectionRange(changed, changed + 1);
  };
  const spoil = (): void => {
    const place = placeToSpoil(text.value);
    const other = text.value.charAt(place) === '1' ? '2' : '1';
    set(text.value.slice(0, place) + other + text.value.slice(place + 1), place);
  };
  back.disabled = true;
  return element(
    'div',
    { class: 'field' },
    element('label', { for: 'path-entry' }, PATH.entry),
    text,
    element('p', { class: 'note', id: 'path-try' }, PATH.try),
    element('div', { class: 'buttons' }, button(spoil, PATH.spoil), back),
  );
}

/** The last digit of its time: the smallest lie there is. */
function placeToSpoil(entry: string): number {
  const at = /"logged_at":\d*\d/.exec(entry);
  return at === null ? Math.floor(entry.length / 2) : at.index + at[0].length - 1;
}

// In units of the drawing, which is as wide as its place.
const WIDTH = 320;
const BOX = { width: 148, height: 40 };
const COLUMN = { left: BOX.width / 2 + 2, right: WIDTH - BOX.width / 2 - 2 };
const PITCH = 66;

type Side = keyof typeof COLUMN;

function pictureOf(now: Climb, original: Climb): SVGElement {
  const { index, steps, signedRoot } = now;
  const height = steps.length * PITCH + BOX.height + 4;
  const yOf = (level: number) => height - BOX.height - 2 - level * PITCH;
  const sideAt = (level: number): Side => (steps[level]?.siblingSide === 'left' ? 'right' : 'left');
  const holds = equalBytes(rootOf(now), signedRoot);
  const parts: SVGElement[] = [];
  // Every character of the entry is in every hash above it.
  const own = equalBytes(now.leaf, original.leaf) ? 'edge own' : 'edge own changed';
  for (const [level, { siblingSide, sibling, siblingLeaves }] of steps.entries()) {
    const parentSide = sideAt(level + 1);
    parts.push(
      edge(siblingSide, parentSide, yOf(level), 'edge'),
      edge(sideAt(level), parentSide, yOf(level), own),
      box(siblingSide, yOf(level), sibling, rangeText(siblingLeaves), 'beside'),
    );
  }
  for (let level = 0; level <= steps.length; level++) {
    const hash = level === 0 ? now.leaf : steps[level - 1]!.parent;
    const before = level === 0 ? original.leaf : original.steps[level - 1]!.parent;
    const isRoot = level === steps.length;
    const place = level === 0 ? `${PATH.leaf} ${index}` : rangeText(steps[level - 1]!.parentLeaves);
    // Of a log of one entry its leaf is the root.
    const name = !isRoot ? place : level === 0 ? `${place}, ${PATH.computed}` : PATH.computed;
    const changed = !equalBytes(hash, before);
    const label = changed ? `${name}, ${PATH.changed}` : name;
    parts.push(box(sideAt(level), yOf(level), hash, label, changed || (isRoot && !holds) ? 'own changed' : 'own'));
  }
  const top = yOf(steps.length);
  parts.push(
    box('right', top, signedRoot, PATH.signed, 'signed'),
    drawn('text', { class: 'equals', x: String(WIDTH / 2), y: String(top + 27) }, holds ? '=' : '≠'),
  );
  const label = `${PATH.leaf} ${index}, ${steps.length} ${PATH.steps}. ${holds ? PATH.holds : PATH.breaks}`;
  return drawn('svg', { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': label }, ...parts);
}

/** From the top of a box to the bottom of the one above. */
function edge(from: Side, to: Side, y: number, className: string): SVGElement {
  const middle = y - (PITCH - BOX.height) / 2;
  const shape = `M${COLUMN[from]} ${y}V${middle}H${COLUMN[to]}V${y - PITCH + BOX.height}`;
  return drawn('path', { class: className, d: shape, fill: 'none' });
}

function box(side: Side, y: number, hash: Uint8Array, label: string, className: string): SVGElement {
  const x = COLUMN[side];
  const { width, height } = BOX;
  const hex = hexEncode(hash);
  return drawn(
    'g',
    { class: `node ${className}` },
    drawn('rect', { x: String(x - width / 2), y: String(y), width: String(width), height: String(height), rx: '5' }),
    drawn('text', { class: 'node-hash', x: String(x), y: String(y + 17) }, `${hex.slice(0, 8)}…${hex.slice(-4)}`),
    drawn('text', { class: 'node-label', x: String(x), y: String(y + 32) }, label),
  );
}

/** For those who cannot see the picture, or want the whole hashes. */
function listOf(now: Climb): HTMLElement[] {
  const { index, leaf, steps, signedRoot } = now;
  const row = (what: string, hash: Uint8Array) => element('li', {}, `${what}: `, digest(hexEncode(hash)));
  return [
    row(`${PATH.leaf} ${index}, ${PATH.own}`, leaf),
    ...steps.flatMap(({ sibling, siblingLeaves, parent, parentLeaves }) => [
      row(`${rangeText(siblingLeaves)}, ${PATH.beside}`, sibling),
      row(`${rangeText(parentLeaves)}, ${PATH.own}`, parent),
    ]),
    row(PATH.signed, signedRoot),
  ];
}

function rangeText({ start, end }: LeafRange): string {
  const last = end - 1;
  return start === last ? `${PATH.leaf} ${start}` : `${PATH.leaves} ${start}–${last}`;
}
