import { html } from 'hono/html';
import { readStored } from '../../read-stored.ts';
import type { SignedTree } from '../../signed-tree.ts';
import { COLUMNS, LISTS } from '../../words/entries.ts';
import { DECISIONS } from '../../words/names.ts';
import { type EntryLine, entryLine } from './entry-line.ts';
import { briefTimeOf, entryPath, type Html, saidInBrief, saidPlainly } from './fragments.ts';

export type ListTree = Pick<SignedTree, 'readableEntries' | 'withheldAmong'>;

/** The lines of the entries from `first` to before `end`, the newest first. Rejects with the tree's Problem. */
export async function readLines(tree: ListTree, first: number, end: number): Promise<EntryLine[]> {
  if (end <= first) return [];
  const [entries, withheld] = await Promise.all([readStored(tree, first, end), tree.withheldAmong(first, end)]);
  return entries
    .map((entry, offset) => {
      const index = first + offset;
      return entryLine(index, entry ?? (withheld.includes(index) ? 'withheld' : 'damaged'));
    })
    .reverse();
}

export function entryTable(lines: readonly EntryLine[]): Html {
  return html`<table class="entry-table">
    <thead><tr>${Object.values(COLUMNS).map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${lines.map(row)}</tbody>
  </table>`;
}

function row(line: EntryLine): Html {
  const { index, loggedAt, decision, servicesWord = false, action, name } = line;
  return html`<tr>
    <td class="index"><a href="${entryPath(index)}">${index.toLocaleString('en')}</a></td>
    <td class="what">${action === undefined ? ourWords(line) : saidInBrief(action, 48)}</td>
    <td class="decision">${decision === undefined ? '' : decisionTag(decision, servicesWord)}</td>
    <td class="name">${name === undefined ? '' : saidInBrief(name, 80)}</td>
    <td class="when">${loggedAt === undefined ? '' : briefTimeOf(loggedAt)}</td>
  </tr>`;
}

/** The type that a record bears is for those who ask; its page shows it as well. */
function ourWords({ what = '', system, payloadType }: EntryLine): Html {
  const words = html`${what}${system === undefined ? '' : html` <span class="form">${LISTS.form(system)}</span>`}`;
  if (payloadType === undefined) return html`<span class="soft">${words}</span>`;
  return html`<span class="soft" title="${saidPlainly(payloadType)}">${words}</span>`;
}

const TAGS = { approved: 'tag pass', rejected: 'tag warn', expired: 'tag' } as const;

/** @param servicesWord it bears no colour then, and says whose word it is */
export function decisionTag(decision: keyof typeof DECISIONS, servicesWord = false): Html {
  if (servicesWord)
    return html`<span class="tag">${DECISIONS[decision]}</span> <span class="whose">${LISTS.servicesWord}</span>`;
  return html`<span class="${TAGS[decision]}">${DECISIONS[decision]}</span>`;
}
