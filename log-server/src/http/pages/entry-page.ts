/** `/entry/{index}`: all that is public about one entry. It reads without a script, and prints as one page. */
import {
  type ContentEvidence,
  checkContent,
  hexEncode,
  leafHash,
  type OpenEntry,
  parseEntry,
  utf8Decode,
} from '@assent/verifier';
import { html } from 'hono/html';
import type { Log } from '../../log.ts';
import { nativePrimitives } from '../../native-primitives.ts';
import { Problem } from '../../problems.ts';
import type { Proofs } from '../../proofs.ts';
import { ENTRY, KINDS } from '../../words/log-pages.ts';
import { DECISIONS } from '../../words/names.ts';
import * as TERMS from '../../words/terms.ts';
import { count } from './count.ts';
import { consumptionFacts, foreignFacts, signersView, statementFacts, trustRootFacts } from './entry-facts-view.ts';
import { digest, entryPath, facts, fill, type Html, saidInBrief, saidInFull, term, timeOf } from './fragments.ts';
import { type RelatedEntries, type RelatedLog, relatedEntries } from './related-entries.ts';
import { listPath } from './search-question.ts';

export type EntryLog = RelatedLog &
  Pick<Log, 'origin' | 'head' | 'entry'> & { readonly proofs: Pick<Proofs, 'inclusion'> };

const { sha256 } = nativePrimitives;

/** The page of an entry, with 451 for one that is withheld. Rejects with the log's Problem; `not_found` beyond the end. */
export async function renderEntry(
  template: string,
  log: EntryLog,
  index: number,
): Promise<{ readonly page: string; readonly status: 200 | 451 }> {
  const { size } = await log.head();
  if (index >= size) throw new Problem('not_found', beyond(index, size));
  const bytes = await log.entry(index).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'withheld') return undefined;
    throw error;
  });
  const shown = bytes === undefined ? await withheld(log, index) : await readable(log, index, bytes);
  const parts = {
    title: `Entry ${index}`,
    place: place(index, size),
    heading: html`<p class="eyebrow">Entry ${index.toLocaleString('en')}${shown.kind === undefined ? '' : ` · ${shown.kind}`}</p><h1>${shown.title}</h1>${shown.lead === undefined ? '' : html`<p class="lead screen-only">${shown.lead}</p>`}${bytes === undefined ? '' : html`<p class="soft screen-only">${ENTRY.proves.before} <a href="/verify?id=${index}">${ENTRY.proves.link}</a>${ENTRY.proves.after}</p>`}`,
    content: shown.content,
    record: recordCard(index, size, shown),
    actions: actions(index, bytes !== undefined),
  };
  return { page: await fill(template, parts), status: bytes === undefined ? 451 : 200 };
}

function beyond(index: number, size: number): string {
  return size === 0
    ? `There is no entry ${index.toLocaleString('en')}: nothing has been logged yet.`
    : `There is no entry ${index.toLocaleString('en')} yet: the log has ${count(size, 'entry', 'entries')}, and the newest is number ${(size - 1).toLocaleString('en')}.`;
}

type Shown = {
  readonly kind?: string;
  readonly title: Html | string;
  readonly lead?: string;
  readonly content: Html | string;
  readonly leaf: string;
  readonly loggedAt?: number;
  readonly digests?: readonly (readonly [Html | string, string | undefined])[];
  readonly signedText?: Html;
};

async function withheld(log: EntryLog, index: number): Promise<Shown> {
  const { leafHash: leaf } = await log.proofs.inclusion(index);
  return { ...ENTRY.withheld, content: '', leaf: hexEncode(leaf) };
}

async function readable(log: EntryLog, index: number, bytes: Uint8Array): Promise<Shown> {
  const leaf = hexEncode(leafHash(bytes, sha256));
  const entry = parseEntry(bytes);
  if (!entry.ok) return { ...ENTRY.unreadable, content: storedText(bytes), leaf };
  const { loggedAt } = entry.value;
  if (!('content' in entry.value)) {
    const { sealed } = entry.value;
    return { ...ENTRY.sealed, content: '', leaf, loggedAt, digests: [[term(TERMS.sealed, 'Sealed as'), sealed]] };
  }
  return { ...(await opened(log, index, entry.value)), leaf, loggedAt };
}

/** The judge of admissions reads it again, so a page never shows a field that the log would not have taken. */
async function opened(log: EntryLog, index: number, entry: OpenEntry): Promise<Omit<Shown, 'leaf'>> {
  const { kind, content, reveal } = entry;
  const evidence = await checkContent(
    { kind, content, origin: log.origin, ...(reveal && { intent: reveal.intent }) },
    nativePrimitives,
  );
  const { statement, consumption, trustRoot, foreign, signers = [], intent } = evidence;
  const related = await relatedOrProblem(log, index, evidence);
  const signed = html`<section class="card" aria-labelledby="signers"><h2 id="signers">Signed by</h2>${signersView(signers)}<p class="note">${
    foreign === undefined
      ? 'Whose keys these are does not stand in the log. Lists of approvers say it, to those who have them.'
      : 'Nothing in the log says whose keys these are.'
  }</p></section>`;
  const rest = html`${signed}${relatedCard(related, evidence)}`;
  const says = (facts: Html) =>
    html`<section class="card" aria-labelledby="says"><h2 id="says">What it says</h2>${facts}</section>${rest}`;
  const named = { kind: KINDS[kind], signedText: signedText(content) };
  if (statement !== undefined) {
    const { digest: intentDigest, action, connector, schema } = statement.intent;
    return {
      ...named,
      title: html`${saidInBrief(action, 48)} on ${saidInBrief(connector, 48)} was ${DECISIONS[statement.decision]}`,
      content: says(statementFacts(statement, intent)),
      digests: [
        [term(TERMS.statement, 'The decision'), evidence.statementDigest],
        [term(TERMS.intent, 'The exact action'), intentDigest],
        ['Form of its details', schema],
        [term(TERMS.display, 'The text that was shown'), statement.display],
        [term(TERMS.policy, 'The rules'), statement.policy?.digest],
        [term(TERMS.organization, 'The list of approvers'), statement.organization],
        ...(statement.boundaries ?? []).map((keyid) => [term(TERMS.boundaries, 'May be used by'), keyid] as const),
      ],
    };
  }
  if (consumption !== undefined) {
    return {
      ...named,
      title: html`An approval was used by ${saidInBrief(consumption.boundary, 48)}`,
      lead: ENTRY.consumption,
      content: says(consumptionFacts(consumption)),
      digests: [
        [term(TERMS.statement, 'The decision'), consumption.approval],
        [term(TERMS.intent, 'The exact action'), consumption.intent],
      ],
    };
  }
  if (trustRoot !== undefined) {
    return {
      ...named,
      title: html`${saidInBrief(trustRoot.name, 48)} named who may approve`,
      lead: ENTRY.trustRoot,
      content: says(trustRootFacts(trustRoot)),
      digests: [
        [term(TERMS.statement, 'This version'), evidence.statementDigest],
        [term(TERMS.previous, 'The version before'), trustRoot.previous],
      ],
    };
  }
  if (foreign !== undefined) {
    return {
      ...named,
      kind: KINDS.foreign,
      title: html`A record of ${saidInBrief(foreign.format)}`,
      lead: ENTRY.foreign(foreign.format),
      content: says(foreignFacts(foreign)),
      digests: [[term(TERMS.statement, 'What was signed'), evidence.statementDigest]],
    };
  }
  return { ...named, ...ENTRY.unreadable, content: '' };
}

type RelatedOrProblem = RelatedEntries | { readonly problem: string };

/** A log that is busy still shows the entry. */
async function relatedOrProblem(log: EntryLog, index: number, evidence: ContentEvidence): Promise<RelatedOrProblem> {
  return relatedEntries(log, index, evidence).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'overloaded') return { problem: error.message };
    throw error;
  });
}

function relatedCard(related: RelatedOrProblem, { statement, intent: _ }: ContentEvidence): Html {
  if ('problem' in related) {
    return html`<section class="card" aria-labelledby="related"><h2 id="related">Belongs together</h2><p class="message warn">${related.problem}</p></section>`;
  }
  const { consumption, approval, sameIntent, organization, previous, next } = related;
  const link = (index: number | null | undefined, missing: string) =>
    index === undefined ? undefined : index === null ? html`<span class="soft">${missing}</span>` : entryLink(index);
  const others =
    sameIntent === undefined
      ? undefined
      : sameIntent.indexes.length === 0
        ? html`<span class="soft">none</span>`
        : html`${sameIntent.indexes.map((index) => html`${entryLink(index)} `)}${
            sameIntent.more && statement
              ? html`<a href="${listPath({ intent: statement.intent.digest })}">All of them</a>`
              : ''
          }`;
  const rows = [
    ['Its use', link(consumption, 'none is logged')],
    ['The approval', link(approval, 'not to be found here; it may be sealed')],
    ['Other decisions on the same action', others],
    ['Its list of approvers', link(organization, 'not in this log')],
    ['The version before', link(previous, 'not in this log')],
    ['The next version', link(next, 'there is none yet')],
  ] as const;
  if (rows.every(([, value]) => value === undefined)) return html``;
  return html`<section class="card" aria-labelledby="related"><h2 id="related">Belongs together</h2>${facts(rows)}</section>`;
}

function entryLink(index: number): Html {
  return html`<a href="${entryPath(index)}">Entry ${index.toLocaleString('en')}</a>`;
}

/** Where it stands, and the fingerprints by which it is known. */
function recordCard(index: number, size: number, { leaf, loggedAt, digests = [], signedText = html`` }: Shown): Html {
  return html`<section class="card" aria-labelledby="record">
    <h2 id="record">On record</h2>
    ${facts([
      ['Place', `entry ${index.toLocaleString('en')}, in a log of ${size.toLocaleString('en')}`],
      [
        'Logged',
        loggedAt === undefined ? undefined : html`${timeOf(loggedAt)}<span class="soft">, by the log’s clock</span>`,
      ],
      ...digests.map(
        ([name, value]) => [name, value === undefined ? undefined : digest(value, 'the fingerprint')] as const,
      ),
      [term(TERMS.leafHash, 'This entry'), digest(`sha256:${leaf}`, 'the fingerprint')],
    ])}
    ${signedText}
  </section>`;
}

/** What was signed, to the letter, for those who want to read that. */
function signedText({ payload, payloadType }: OpenEntry['content']): Html {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'base64') : undefined;
  const text = bytes && utf8Decode(bytes);
  if (!text?.ok) return html``;
  const pretty = prettyJson(text.value);
  return html`<details class="more signed-text screen-only"><summary>What was signed, to the letter</summary>
    <p class="note">${typeof payloadType === 'string' ? saidInBrief(payloadType) : ''}</p>
    <pre class="text">${saidInFull(pretty)}</pre>
  </details>`;
}

function storedText(bytes: Uint8Array): Html {
  const text = utf8Decode(bytes);
  return text.ok ? html`<pre class="text">${saidInFull(text.value)}</pre>` : html``;
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch (error) {
    if (error instanceof SyntaxError) return text; // not JSON: another system's payload, as it is
    throw error;
  }
}

function place(index: number, size: number): Html {
  return html`<nav class="neighbours screen-only" aria-label="Entries beside this one">
    ${index > 0 ? html`<a rel="prev" href="${entryPath(index - 1)}">← Entry ${(index - 1).toLocaleString('en')}</a>` : html`<span class="soft">The first entry</span>`}
    <a href="${listPath({}, Math.min(size, index + 13))}">The list around it</a>
    ${index + 1 < size ? html`<a rel="next" href="${entryPath(index + 1)}">Entry ${(index + 1).toLocaleString('en')} →</a>` : html`<span class="soft">The newest entry</span>`}
  </nav>`;
}

/** Of one that is withheld there is no receipt. */
function actions(index: number, readable: boolean): Html {
  if (!readable) return html``;
  return html`<section class="card quiet screen-only" aria-labelledby="actions">
    <h2 id="actions">Do more with it</h2>
    <a class="button main" href="/verify?id=${index}">Verify</a>
    <p class="note">Checks signatures and proofs in your browser.</p>
    <a class="button" href="/api/v1/receipts/${index}" download="entry-${index}.receipt.json">Download the receipt</a>
    <p class="note">The record with its proof, in one file. It can be checked without this log, and years from now.</p>
    <div class="buttons" id="more-actions">
      <a class="button small" href="/api/v1/entries/${index}">Raw bytes</a>
    </div>
  </section>`;
}
