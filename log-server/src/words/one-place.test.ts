import { readdirSync, readFileSync } from 'node:fs';
import { type Prose, proseOfMarkup, proseOfSource, proseOfStyle } from '@assent/test-support/prose';
import { describe, expect, it } from 'vitest';
import { TEMPLATE_WORDS, withWords } from './templates.ts';

const SOURCES = new URL('../', import.meta.url);
/** What pages are made of: templates, styles, scripts, what the server writes, and the demo's service. */
const PAGES = /^(pages|http\/pages|demo)\/|^http\/pages\.ts$/;
const FINDERS: Readonly<Record<string, (text: string) => Prose[]>> = {
  html: proseOfMarkup,
  css: proseOfStyle,
  ts: proseOfSource,
};

/** Reads like prose, and is for programs. */
const FOR_PROGRAMS = [
  /^<(!--|[a-z]+[ >])/, // tags that the build puts in place of others
  /^(img-src|attachment;|text\/[a-z]+;|public, max-age=)/, // header values
  /^Markdown$/, // the name of a part of Swagger UI
  /^\[(\\p\{Script=\w+\})+\]$/, // a part of a pattern
];

const files = readdirSync(SOURCES, { recursive: true })
  .map((name) => String(name).replaceAll('\\', '/'))
  .filter((name) => PAGES.test(name) && /\.(html|css|ts)$/.test(name) && !/\.(test|d)\.ts$/.test(name));
const read = (name: string): string => readFileSync(new URL(name, SOURCES), 'utf8');

/** Of style sheets: a literal of nothing but these names classes. */
const classes = new Set(
  files.filter((name) => name.endsWith('.css')).flatMap((name) => read(name).match(/(?<=\.)[a-z][\w-]*/g) ?? []),
);
const isForPrograms = ({ text }: Prose): boolean =>
  FOR_PROGRAMS.some((pattern) => pattern.test(text)) || text.split(' ').every((name) => classes.has(name));

describe('words', () => {
  it('stand in this folder, and nowhere else in the pages', () => {
    const found = files.flatMap((name) =>
      (FINDERS[name.slice(name.lastIndexOf('.') + 1)]?.(read(name)) ?? [])
        .filter((prose) => !isForPrograms(prose))
        .map(({ line, text }) => `${name}:${line}: ${text}`),
    );
    expect(found).toEqual([]);
    expect(files.length).toBeGreaterThan(90);
  });

  it('of templates are all used, and no others are asked for', () => {
    const named = files
      .filter((name) => name.endsWith('.html'))
      .flatMap((name) => [...read(name).matchAll(/\{\{([\w.]+)\}\}/g)].map(([, word]) => word));
    const had = Object.entries(TEMPLATE_WORDS).flatMap(([page, words]) =>
      Object.keys(words).map((word) => `${page}.${word}`),
    );
    expect([...new Set(named)].sort()).toEqual(had.sort());
  });

  it('become text in a template, whatever they hold', () => {
    expect(withWords('<p title="{{home.title}}">')).toBe(`<p title="${TEMPLATE_WORDS.home?.title}">`);
    expect(() => withWords('{{home.nothing}}')).toThrow('there are no words {{home.nothing}}');
    expect(() => withWords('{{nowhere.title}}')).toThrow('there are no words {{nowhere.title}}');
  });
});
