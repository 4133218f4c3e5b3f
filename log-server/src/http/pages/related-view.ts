/** The entries that belong to one, as its page names them. */
import type { ContentEvidence } from '@assent/verifier';
import { html } from 'hono/html';
import { Problem } from '../../problems.ts';
import { LISTS } from '../../words/entries.ts';
import { ENTRY, RELATED } from '../../words/entry.ts';
import { DECISIONS } from '../../words/names.ts';
import type { EntryLine } from './entry-line.ts';
import { entryPath, facts, type Html, type Piece, saidInBrief } from './fragments.ts';
import { type RelatedEntries, type RelatedLog, relatedEntries } from './related-entries.ts';
import { listPath } from './search-question.ts';

export type RelatedOrProblem = RelatedEntries | { readonly problem: string };

/** A log that is busy still shows the entry. */
export async function relatedOrProblem(
  log: RelatedLog,
  index: number,
  evidence: ContentEvidence,
): Promise<RelatedOrProblem> {
  return relatedEntries(log, index, evidence).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'overloaded') return { problem: error.message };
    throw error;
  });
}

export function relatedCard(related: RelatedOrProblem, { statement }: ContentEvidence): Html {
  if ('problem' in related) {
    return html`<section class="card" aria-labelledby="related"><h2 id="related">${RELATED.title}</h2><p class="message warn">${related.problem}</p></section>`;
  }
  const { consumption, approval, sameIntent, organization, previous, next } = related;
  const rows = [
    [RELATED.use, entryOr(consumption, RELATED.noUse, ({ name }) => name && html`${RELATED.by}${saidInBrief(name)}`)],
    [RELATED.approval, entryOr(approval, RELATED.noApproval, ({ action }) => action && saidInBrief(action, 48))],
    [RELATED.others, sameIntent && othersView(sameIntent, statement?.intent.digest)],
    [
      RELATED.organization,
      entryOr(organization, RELATED.notHere, ({ name }) => name && html`${RELATED.listOf}${saidInBrief(name)}`),
    ],
    [RELATED.previous, entryOr(previous, RELATED.notHere)],
    [RELATED.next, entryOr(next, RELATED.noNext)],
  ] as const;
  if (rows.every(([, value]) => value === undefined)) return html``;
  return html`<section class="card" aria-labelledby="related"><h2 id="related">${RELATED.title}</h2>${facts(rows)}</section>`;
}

export function entryLink(index: number): Html {
  return html`<a href="${entryPath(index)}">${ENTRY.title(index.toLocaleString('en'))}</a>`;
}

type About = (line: EntryLine) => Piece | undefined;

/** @param about what is worth a word of an entry that can be read */
function entryOr(line: EntryLine | null | undefined, missing: string, about?: About): Html | undefined {
  if (line === undefined) return undefined;
  return line === null ? html`<span class="soft">${missing}</span>` : entryWith(line, about);
}

function entryWith(line: EntryLine, about: About = () => undefined): Html {
  // Without a time it could not be read, and its line says why.
  const more = line.loggedAt === undefined ? line.what : about(line);
  return html`${entryLink(line.index)}${more === undefined ? '' : html`, ${more}`}`;
}

function othersView({ lines, more }: NonNullable<RelatedEntries['sameIntent']>, intent: string | undefined): Html {
  if (lines.length === 0) return html`<span class="soft">${RELATED.none}</span>`;
  const decided: About = ({ decision, servicesWord }) =>
    decision && html`${DECISIONS[decision]}${servicesWord ? html` ${LISTS.servicesWord}` : ''}`;
  return html`<ul class="plain-list">${lines.map((line) => html`<li>${entryWith(line, decided)}</li>`)}${
    more && intent !== undefined ? html`<li><a href="${listPath({ intent })}">${RELATED.all}</a></li>` : ''
  }</ul>`;
}
