/** A refusal as a page, for people: what happened, whether it is their doing, and where to go on. */
import { html } from 'hono/html';
import type { ProblemCode } from '../../problems.ts';
import { PROBLEM, PROBLEM_PAGES, WAYS_ON } from '../../words/problem.ts';
import { fill, type Html, said } from './fragments.ts';

export type ShownProblem = {
  readonly code: ProblemCode;
  readonly status: number;
  /** As the log words it. */
  readonly detail: string;
  /** A URN, by whose last part its operator finds this occurrence again. */
  readonly instance: string;
};

/** The same address may answer later; the log's other pages would now say the same. */
const PASSING: ReadonlySet<ProblemCode> = new Set([
  'read_only',
  'unavailable',
  'overloaded',
  'shutting_down',
  'rate_limited',
]);

export async function renderProblem(template: string, problem: ShownProblem): Promise<string> {
  const { status, instance } = problem;
  const { title, words } = problemWords(problem);
  return fill(template, {
    title,
    heading: html`<h1>${title}</h1>${words}`,
    buttons: PASSING.has(problem.code)
      ? html`<a class="button main" href="/verify">${WAYS_ON.toVerify}</a><a class="button" href="">${WAYS_ON.again}</a>`
      : html`<a class="button main" href="/">${WAYS_ON.toLog}</a><a class="button" href="/entries">${WAYS_ON.toEntries}</a><a class="button" href="/verify">${WAYS_ON.toVerify}</a>`,
    instance: html`<div class="note"><p>${PROBLEM.status(status)}${status < 500 ? '' : ` ${PROBLEM.instance}`}</p>${status < 500 ? '' : html`<p class="digest">${instance.slice(instance.lastIndexOf(':') + 1)}</p>`}</div>`,
  });
}

/** Plain words, and the log's own for those who ask. */
export function problemWords({ code, detail }: Pick<ShownProblem, 'code' | 'detail'>): { title: string; words: Html } {
  const { title = PROBLEM.title, lead } = PROBLEM_PAGES[code] ?? {};
  if (lead === undefined) return { title, words: html`<p class="lead">${said(detail)}</p>` };
  return {
    title,
    words: html`<p class="lead">${lead}</p><details class="more"><summary>${PROBLEM.more}</summary><p class="note">${said(detail)}</p></details>`,
  };
}
