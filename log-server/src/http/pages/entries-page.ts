/** `/entries`: all entries, or those that were asked for, the newest first, page by page. */
import { html } from 'hono/html';
import type { Log } from '../../log.ts';
import { Problem } from '../../problems.ts';
import { FILTERS, KIND_CHOICES, LEADS, LISTS, PAGER, SEARCH } from '../../words/entries.ts';
import { type EntryLine, entryLine } from './entry-line.ts';
import { entryTable, type ListTree, readLines } from './entry-list.ts';
import { fill, type Html, saidInBrief } from './fragments.ts';
import { searchForm } from './search-form.ts';
import {
  type Filters,
  isNarrowed,
  listPath,
  readFilters,
  resolveQuestion,
  type SearchedLog,
  toSearchQuery,
} from './search-question.ts';

const PAGE = 25;

export type ListedLog = Pick<Log, 'head'> & SearchedLog & { readonly tree: ListTree };

/** The page, or where what was typed is found. */
export type EntriesAnswer = { readonly redirect: string } | { readonly page: string; readonly status: 200 | 400 | 404 };

/** Rejects with the log's Problem where that is about the log, and not about what was asked. */
export async function renderEntries(
  template: string,
  log: ListedLog,
  query: Readonly<Record<string, string>>,
): Promise<EntriesAnswer> {
  const typed = (query.q ?? '').trim().slice(0, 300);
  try {
    const { filters, after } = readFilters(query);
    if (typed !== '') {
      const found = await resolveQuestion(typed, filters.kind, log);
      if (found !== undefined) return { redirect: found };
      return await refused(template, 400, SEARCH.unclear, typed, filters.kind);
    }
    return { page: await fill(template, await listParts(log, filters, after)), status: 200 };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === 'not_found') return refused(template, 404, error.message, typed);
    if (error.code === 'invalid_parameter') return refused(template, 400, error.message, typed);
    throw error;
  }
}

async function refused(
  template: string,
  status: 400 | 404,
  problem: string,
  typed: string,
  kind?: Filters['kind'],
): Promise<EntriesAnswer> {
  const search = searchForm({ typed, kind, problem });
  const entries = html`<nav class="pager" aria-label="${PAGER.label}">${ALL_BUTTON}</nav>`;
  return { page: await fill(template, { lead: '', filters: '', search, entries }), status };
}

/** Where nothing is listed. */
const ALL_BUTTON = html`<a class="button" href="/entries">${FILTERS.all}</a>`;

function lead(words: string): Html {
  return html`<p class="lead">${words}</p>`;
}

type Shown = { readonly lines: readonly EntryLine[]; readonly next: number | undefined };

async function listParts(log: ListedLog, filters: Filters, after: number | undefined) {
  const { size } = await log.head();
  const narrowed = isNarrowed(filters);
  const shown = narrowed ? await search(log, filters, after) : await browse(log, Math.min(after ?? size, size));
  return {
    lead: !narrowed ? lead(LEADS.all) : shown.lines.length === 0 ? '' : lead(LEADS.found),
    search: searchForm({ kind: filters.kind }),
    filters: narrowed ? filterList(filters, shown.lines.length > 0) : '',
    entries: html`${after === undefined ? '' : place(shown, size)}${shown.lines.length === 0 ? html`<p class="card quiet">${emptyWords(size, shown.next)}</p>` : entryTable(shown.lines)}
      ${pager(filters, shown, size, after)}`,
  };
}

async function browse(log: ListedLog, end: number): Promise<Shown> {
  const first = Math.max(0, end - PAGE);
  return { lines: await readLines(log.tree, first, end), next: first > 0 ? first : undefined };
}

async function search(log: ListedLog, filters: Filters, after: number | undefined): Promise<Shown> {
  const { found, next } = await log.search.find(toSearchQuery(filters, after, PAGE));
  return { lines: found.map(({ index, entry }) => entryLine(index, entry)), next };
}

function emptyWords(size: number, next: number | undefined): string {
  if (size === 0) return LISTS.nothing;
  return next === undefined ? LISTS.noneFound : LISTS.noneSoFar;
}

function pager(filters: Filters, { lines, next }: Shown, size: number, after: number | undefined): Html {
  // A search goes down only; without one the page above is a matter of counting.
  const above =
    after === undefined || after >= size ? undefined : isNarrowed(filters) ? size : Math.min(size, after + PAGE);
  return html`<nav class="pager" aria-label="${PAGER.label}">
    ${above === undefined ? '' : html`<a class="button" rel="prev" href="${above >= size ? listPath(filters) : listPath(filters, above)}">${isNarrowed(filters) ? PAGER.newest : PAGER.newer}</a>`}
    ${next === undefined ? '' : html`<a class="button" rel="next" href="${listPath(filters, next)}">${lines.length === 0 ? PAGER.further : PAGER.older}</a>`}
    ${lines.length === 0 && isNarrowed(filters) ? ALL_BUTTON : ''}
    ${place({ lines }, size)}
  </nav>`;
}

/** Where in the log the list stands. */
function place({ lines }: Pick<Shown, 'lines'>, size: number): Html | '' {
  const newest = lines[0]?.index;
  const last = lines.at(-1)?.index;
  return newest === undefined || last === undefined ? '' : html`<p class="note">${PAGER.place(newest, last, size)}</p>`;
}

/** What the list is narrowed to; each can be taken away. @param withAll ends with the way out of all of them */
function filterList(filters: Filters, withAll: boolean): Html {
  return html`<ul class="filters" aria-label="${FILTERS.label}">${Object.entries(filters).map(([name, value]) => {
    const { [name as keyof Filters]: _, ...others } = filters;
    const shown = name === 'kind' ? KIND_CHOICES[value as keyof typeof KIND_CHOICES] : saidInBrief(value);
    const label = FILTERS.names[name as keyof Filters];
    return html`<li><span class="soft">${label}</span> ${shown} <a href="${listPath(others)}">${FILTERS.remove}<span class="unseen"> ${label}</span></a></li>`;
  })}${withAll ? html`<li><a href="/entries">${FILTERS.all}</a></li>` : ''}</ul>`;
}
