/** `/`: what the log is, how it stands now, how it grew, and its newest entries. */
import { html } from 'hono/html';
import type { Log } from '../../log.ts';
import type { Problem } from '../../problems.ts';
import { LISTS } from '../../words/entries.ts';
import { NEWEST as NEWEST_WORDS, START } from '../../words/home.ts';
import { entryTable, type ListTree, readLines } from './entry-list.ts';
import { fill, type Html } from './fragments.ts';
import { growthChart } from './growth-chart.ts';
import { type HeadLog, headCard } from './head-card.ts';
import { problemWords } from './problem-page.ts';
import { searchForm } from './search-form.ts';

const NEWEST = 12;

/** What `/` shows of the log. */
export type ShownLog = HeadLog & Pick<Log, 'head' | 'growth'> & { readonly tree: ListTree };

/** Fills the built template of `/`. Rejects with the log's Problem. */
export async function renderHome(template: string, log: ShownLog): Promise<string> {
  const head = await log.head();
  const { closed } = log.identityAt(head.seq);
  const [lines, growth] = await Promise.all([
    readLines(log.tree, Math.max(0, head.size - NEWEST), head.size),
    log.growth(),
  ]);
  return fill(template, {
    start: closed === undefined ? START_BUTTONS : VERIFY_ALONE,
    head: headCard(log, head),
    growth: growthChart(growth),
    search: head.size === 0 ? '' : searchForm(),
    entries:
      lines.length === 0
        ? html`<div class="card quiet"><p>${closed === undefined ? invitation() : LISTS.closedEmpty}</p></div>`
        : html`${entryTable(lines)}<nav class="pager" aria-label="${NEWEST_WORDS.more}"><a class="button" href="/entries">${NEWEST_WORDS.all}</a></nav>`,
  });
}

const START_BUTTONS = html`<!-- demo --><a class="button main" id="start-demo" href="/demo">${START.demo}</a><!-- /demo --><a class="button" href="/verify">${START.verify}</a>`;

/** Where the log takes nothing. */
const VERIFY_ALONE = html`<a class="button main" href="/verify">${START.verify}</a>`;

function invitation(): Html {
  return html`${LISTS.nothing} <!-- demo -->${NEWEST_WORDS.first.before} <a href="/demo">${NEWEST_WORDS.first.link}</a>.<!-- /demo -->`;
}

/** For a log that cannot say its head now: the rest of the page still stands. */
export async function renderHomeWithoutLog(template: string, problem: Problem): Promise<string> {
  const { title, words } = problemWords({ code: problem.code, detail: problem.message });
  const head = html`<section class="card" aria-labelledby="head">
    <h2 id="head">${title}</h2>
    <div class="message warn">${words}</div>
  </section>`;
  const entries = html`<p class="card quiet">${NEWEST_WORDS.later}</p>`;
  const start = html`${VERIFY_ALONE}<a class="button" href="/">${START.again}</a>`;
  return fill(template, { start, head, growth: '', search: '', entries });
}
