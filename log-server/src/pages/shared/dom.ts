import { shownParts } from '../../http/pages/look-alike.ts';
import { TEXT } from '../../words/common.ts';

/** Strings become text nodes. There is no way in this file to turn a string into markup, and the policy forbids it. */
export type Child = Node | string | undefined | false;

type Attributes = { readonly [name: string]: string | boolean | undefined };

/** Makes an element. `true` sets an empty attribute; `false` and `undefined` leave it out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  setAttributes(made, attributes);
  append(made, children);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

/** The same in a drawing. */
export function drawn(name: string, attributes: Attributes, ...children: readonly Child[]): SVGElement {
  const made = document.createElementNS(SVG, name);
  setAttributes(made, attributes);
  append(made, children);
  return made;
}

export function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    target.setAttribute(name, value === true ? '' : value);
  }
}

export function append(target: Element, children: readonly Child[]): void {
  target.append(...children.filter((child): child is Node | string => child !== undefined && child !== false));
}

export function replaceChildren(target: Element, ...children: readonly Child[]): void {
  target.replaceChildren();
  append(target, children);
}

/** The element that a page's own HTML is known to have. */
export function byId<K extends keyof HTMLElementTagNameMap>(id: string, name: K): HTMLElementTagNameMap[K] {
  const found = document.getElementById(id);
  if (found === null || found.localName !== name) throw new Error(`this page has no <${name} id="${id}">`);
  return found as HTMLElementTagNameMap[K];
}

/**
 * Words of somebody else: in a direction of their own (bdi), with characters that cannot be seen spelled out, letters that pass
 * for others named, and what is very long shown piece by piece, so that one value cannot bury the verdict.
 */
export function said(text: string, className = 'said'): HTMLElement {
  const view = element('bdi', { class: className });
  showFrom(view, text, 0);
  return view;
}

/** The same cut to so many characters, for places that hold no button: a heading, a row of a list, paper. */
export function saidInBrief(text: string, limit: number): HTMLElement {
  const end = pieceEnd(text, 0, limit);
  // A short name in a sentence is not torn at its hyphen: by style, so that a copy of it is what was said.
  const className = /^[\w.-]{1,16}$/.test(text) ? 'said whole' : 'said';
  return element('bdi', { class: className }, ...piece(text.slice(0, end), end < text.length ? '…' : ''));
}

const FIRST = 1_000;
const NEXT = 4_000;
const MAX_LINES = 30;

function showFrom(view: HTMLElement, text: string, start: number): void {
  const end = pieceEnd(text, start, start === 0 ? FIRST : NEXT);
  append(view, piece(text.slice(start, end)));
  const left = text.length - end;
  if (left === 0) return;
  const attributes = { type: 'button', class: 'plain-button more-text' };
  const next = element('button', attributes, `${TEXT.showMore} (${left.toLocaleString('en')} ${TEXT.left})`);
  next.addEventListener('click', () => {
    next.remove();
    showFrom(view, text, end);
  });
  view.append(next);
}

/** After so many characters or lines, and not within a pair of surrogates. */
function pieceEnd(text: string, start: number, limit: number): number {
  let end = Math.min(text.length, start + limit);
  for (let line = 0, at = start - 1; line < MAX_LINES; line++) {
    at = text.indexOf('\n', at + 1);
    if (at < 0 || at >= end) break;
    if (line === MAX_LINES - 1) end = at + 1;
  }
  return end < text.length && /[\udc00-\udfff]/.test(text.charAt(end)) ? end + 1 : end;
}

function piece(text: string, end?: string): Child[] {
  return shownParts(text, undefined, end).map((part) =>
    part.hidden ? element('span', { class: 'hidden-character' }, part.text) : part.text,
  );
}

/** A button that does something in this page. */
export function button(act: () => void, ...children: readonly Child[]): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'button small' }, ...children);
  made.addEventListener('click', act);
  return made;
}

/** What explains something else. */
export function note(...children: readonly Child[]): HTMLElement {
  return element('p', { class: 'note' }, ...children);
}

export function tag(tone: string, text: string): HTMLElement {
  return element('span', { class: `tag ${tone}` }, text);
}

/** Something that the reader should not miss. */
export function warning(...children: readonly Child[]): HTMLElement {
  return element('p', { class: 'message warn' }, ...children);
}

/** What is not needed at first, behind words that say what it is. */
export function more(summary: string, ...children: readonly Child[]): HTMLElement {
  return element('details', { class: 'more' }, element('summary', {}, summary), ...children);
}

/** A field for long text of machines, which no spelling checker understands. */
export function codeField(id: string, rows: string, describedBy: string): HTMLTextAreaElement {
  return element('textarea', {
    id,
    class: 'mono',
    rows,
    dir: 'ltr',
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'off',
    'aria-describedby': describedBy,
  });
}

/** The same with its label, and a place that says what is wrong with what was given. @param more below it */
export function codeQuestion(
  id: string,
  rows: string,
  label: string,
  ...more: readonly Child[]
): { readonly field: HTMLElement; readonly input: HTMLTextAreaElement; refuse(...why: readonly Child[]): void } {
  const input = codeField(id, rows, `${id}-message`);
  const message = element('p', { id: `${id}-message`, class: 'message fail', role: 'alert', hidden: true });
  return {
    field: element('div', { class: 'field' }, element('label', { for: id }, label), input, message, ...more),
    input,
    /** Without a reason: it is good. */
    refuse(...why) {
      message.hidden = why.length === 0;
      input.setAttribute('aria-invalid', String(!message.hidden));
      replaceChildren(message, ...why);
    },
  };
}

/** `sha256:<hex>` or another long value that breaks anywhere. */
export function digest(value: string): HTMLElement {
  const prefix = value.startsWith('sha256:') ? 'sha256:' : '';
  const rest = value.slice(prefix.length);
  return element(
    'span',
    { class: 'digest' },
    prefix !== '' && element('span', { class: 'prefix' }, prefix),
    said(rest),
  );
}

/** Term and description pairs. */
export function facts(className: string, rows: readonly (readonly [Child, Child] | undefined)[]): HTMLElement {
  const list = element('dl', { class: className });
  for (const row of rows) {
    if (row === undefined || row[1] === undefined || row[1] === false) continue;
    const [term, description] = row;
    list.append(element('div', {}, element('dt', {}, term), element('dd', {}, description)));
  }
  return list;
}
