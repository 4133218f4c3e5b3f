import { visibleParts } from '../../http/pages/hostile-text.ts';

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

/** Words of somebody else: in a direction of their own (bdi), and with characters that cannot be seen spelled out. */
export function said(text: string, className = 'said'): HTMLElement {
  const parts = visibleParts(text).map((part) =>
    part.hidden ? element('span', { class: 'hidden-character' }, part.text) : part.text,
  );
  return element('bdi', { class: className }, ...parts);
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
