import type { ContentEvidence } from '@assent/verifier';
import type { Log } from '../../log.ts';
import { Problem } from '../../problems.ts';
import { type EntryLine, entryLine } from './entry-line.ts';
import { type ListTree, readLines } from './entry-list.ts';
import { type SearchedLog, toSearchQuery } from './search-question.ts';

export type RelatedLog = SearchedLog & Pick<Log, 'findNextTrustRoot'> & { readonly tree: ListTree };

/** Entries that belong to one another, the newest first. Undefined where there can be none. */
export type RelatedEntries = {
  /** The use of an approval for one use; null: none is logged. */
  readonly consumption?: EntryLine | null;
  /** The approval that a consumption is about; null: not to be found here, as where it is sealed. */
  readonly approval?: EntryLine | null;
  /** Other decisions about the same action; more than are listed if `more`. */
  readonly sameIntent?: { readonly lines: readonly EntryLine[]; readonly more: boolean };
  /** The first version of the list of approvers that a statement names; null: not in this log. */
  readonly organization?: EntryLine | null;
  readonly previous?: EntryLine | null;
  /** The next version of a list of approvers. */
  readonly next?: EntryLine | null;
};

const MOST_LISTED = 5;

/** Every look-up is by an index, so a large log costs what a small one does. Rejects with the Problems of the search. */
export async function relatedEntries(
  log: RelatedLog,
  index: number,
  { statement, statementDigest, consumption, trustRoot }: ContentEvidence,
): Promise<RelatedEntries> {
  if (consumption !== undefined) return { approval: await find(log, consumption.approval) };
  if (trustRoot !== undefined && statementDigest !== undefined) {
    return {
      ...(trustRoot.previous !== undefined && { previous: await find(log, trustRoot.previous) }),
      next: await line(log, await log.findNextTrustRoot(statementDigest, trustRoot)),
    };
  }
  if (statement === undefined || statementDigest === undefined) return {};
  const { organization, intent, decision, use } = statement;
  const isForOneUse = decision === 'approved' && use === 'single';
  const [used, same, first] = await Promise.all([
    isForOneUse ? consumptionOf(log, index, statementDigest) : undefined,
    sameIntent(log, index, intent.digest),
    organization === undefined ? undefined : find(log, organization),
  ]);
  return {
    ...(used !== undefined && { consumption: used }),
    sameIntent: same,
    ...(first !== undefined && { organization: first }),
  };
}

async function find(log: RelatedLog, digest: string): Promise<EntryLine | null> {
  const index = await log.find(digest).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found') return undefined;
    throw error;
  });
  return line(log, index);
}

async function line(log: RelatedLog, index: number | undefined): Promise<EntryLine | null> {
  const [found] = index === undefined ? [] : await readLines(log.tree, index, index + 1);
  return found ?? null;
}

async function consumptionOf(log: RelatedLog, index: number, approval: string): Promise<EntryLine | null> {
  const { found } = await log.search.find(toSearchQuery({ approval }, undefined, 2));
  const use = found.find((entry) => entry.index > index);
  return use === undefined ? null : entryLine(use.index, use.entry);
}

async function sameIntent(
  log: RelatedLog,
  index: number,
  intent: string,
): Promise<NonNullable<RelatedEntries['sameIntent']>> {
  const { found } = await log.search.find(toSearchQuery({ intent }, undefined, MOST_LISTED + 2));
  const others = found.filter((other) => other.index !== index);
  return {
    lines: others.slice(0, MOST_LISTED).map((other) => entryLine(other.index, other.entry)),
    more: others.length > MOST_LISTED,
  };
}
