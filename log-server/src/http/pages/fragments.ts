/** The components of style/ as the server writes them. Every string from outside becomes text: `html` escapes what is put in. */
import { formatTime } from '@assent/verifier';
import { html } from 'hono/html';
import { TEXT, TIMES } from '../../words/common.ts';
import { shownParts } from './look-alike.ts';

export type Html = ReturnType<typeof html>;
export type Piece = Html | string;

/** Longer words of others are cut, and open up to those who want to read on: never for the sake of a few characters. */
const FIRST_CHARACTERS = 400;
const MOST_CHARACTERS = 600;
const BRIEF_CHARACTERS = 120;

/** Puts each part in the place of its marker, `<!-- server: name -->`. What has no marker is left out. */
export async function fill(template: string, parts: Readonly<Record<string, Piece>>): Promise<string> {
  const texts = new Map<string, string>();
  for (const [name, part] of Object.entries(parts)) texts.set(name, String(await part));
  return template.replace(/<!-- server: ([a-z]+) -->/g, (marker, name: string) => texts.get(name) ?? marker);
}

/** Words of somebody else: escaped, in a direction of their own, with what cannot be seen spelled out, and letters that pass for others named. */
export function said(text: string): Html {
  if (text.length <= MOST_CHARACTERS) return isolated(text);
  const length = text.length.toLocaleString('en');
  return html`${saidInBrief(text, FIRST_CHARACTERS)}
    <details class="more"><summary>${TEXT.showAll(length)}</summary>${saidInFull(text)}</details>`;
}

/** The same cut short, for places that hold nothing that opens: a heading, a row of a list. */
export function saidInBrief(text: string, limit = BRIEF_CHARACTERS): Html {
  const [start, end] = cut(text, limit);
  return isolated(start, undefined, end);
}

/** The same for an attribute, which holds nothing but text. */
export function saidPlainly(text: string, limit = BRIEF_CHARACTERS): string {
  const [start, end] = cut(text, limit);
  return shownParts(start, undefined, end)
    .map((part) => part.text)
    .join('');
}

/** Never within a character. */
function cut(text: string, limit: number): readonly [start: string, end: string] {
  const at = text.length > limit && /[\udc00-\udfff]/.test(text.charAt(limit)) ? limit + 1 : limit;
  return [text.slice(0, at), at < text.length ? '…' : ''];
}

/** The same to the last character, for what was opened on purpose. */
export function saidInFull(text: string): Html {
  return isolated(text, text.length);
}

function isolated(text: string, limit?: number, end?: string): Html {
  const parts = shownParts(text, limit, end).map((part) =>
    part.hidden ? html`<span class="hidden-character">${part.text}</span>` : part.text,
  );
  return html`<bdi class="said">${parts}</bdi>`;
}

const DATE = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
const UTC = new Intl.DateTimeFormat('en-GB', { ...DATE, ...CLOCK });
const BRIEF_UTC = new Intl.DateTimeFormat('en-GB', { ...DATE, month: 'short', ...CLOCK });
const UTC_DAY = new Intl.DateTimeFormat('en-GB', DATE);

/** In UTC; with a script the page adds the visitor's own zone. @param time RFC 3339, or ms since the epoch */
export function timeOf(time: string | number): Html {
  const text = typeof time === 'number' ? formatTime(time) : time;
  return html`<time datetime="${text}">${UTC.format(new Date(text))}${TIMES.utc}</time>`;
}

/** The same for lists, whose pages write it short. */
export function briefTimeOf(time: string | number): Html {
  const text = typeof time === 'number' ? formatTime(time) : time;
  return html`<time class="brief" datetime="${text}">${BRIEF_UTC.format(new Date(text))}${TIMES.utc}</time>`;
}

export function dayOf(ms: number): string {
  return UTC_DAY.format(new Date(ms));
}

/** A fingerprint or a key; `copy` names it to the button that a script puts beside it. */
export function digest(value: string, copy?: string): Html {
  const prefix = value.startsWith('sha256:') ? 'sha256:' : '';
  const shown = html`${prefix === '' ? '' : html`<span class="prefix">${prefix}</span>`}${isolated(value.slice(prefix.length))}`;
  if (copy === undefined) return html`<span class="digest">${shown}</span>`;
  return html`<span class="with-copy"><span class="digest" data-copy="${copy}">${shown}</span></span>`;
}

/** A word that explains itself to those who ask. @param means out of words/terms.ts */
export function term(means: string, label: Piece): Html {
  return html`<details class="term"><summary>${label}</summary><p>${means}</p></details>`;
}

/** What is undefined is left out. */
export function facts(rows: readonly (readonly [Piece, Piece | undefined])[]): Html {
  return html`<dl class="facts wide">${rows.map(([name, value]) =>
    value === undefined ? '' : html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

/** An address within the log's pages. */
export function entryPath(index: number): string {
  return `/entry/${index}`;
}
