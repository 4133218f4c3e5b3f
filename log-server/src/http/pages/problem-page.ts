/** A refusal as a page, for people: what happened, whether it is their doing, and where to go on. */
import { html } from 'hono/html';
import type { ProblemCode } from '../../problems.ts';
import { fill, said } from './fragments.ts';
import { PROBLEM_PAGES } from './words.ts';

export type ShownProblem = {
  readonly code: ProblemCode;
  readonly status: number;
  /** As the log words it. */
  readonly detail: string;
  /** By which its operator finds this occurrence again. */
  readonly instance: string;
};

export async function renderProblem(
  template: string,
  { code, status, detail, instance }: ShownProblem,
): Promise<string> {
  const title = Object.hasOwn(PROBLEM_PAGES, code)
    ? PROBLEM_PAGES[code as keyof typeof PROBLEM_PAGES]
    : PROBLEM_PAGES.other;
  return fill(template, {
    title,
    heading: html`<p class="eyebrow">${status}</p><h1>${title}</h1><p class="lead">${said(detail)}</p>`,
    instance:
      status < 500
        ? ''
        : html`<p class="note">To ask the operator about this: <span class="digest">${instance}</span></p>`,
  });
}
