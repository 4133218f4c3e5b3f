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
import { DOWNLOAD_RECEIPT } from '../../words/common.ts';
import { ACTIONS, AS_OF, ENTRY, KINDS, NEIGHBOURS, RECORD } from '../../words/entry.ts';
import { HEAD } from '../../words/home.ts';
import { DECISIONS } from '../../words/names.ts';
import * as RECORD_TERMS from '../../words/record-terms.ts';
import { consumptionFacts, foreignFacts, signersView, statementFacts, trustRootFacts } from './entry-facts-view.ts';
import type { EntryLine } from './entry-line.ts';
import { digest, entryPath, facts, fill, type Html, saidInBrief, saidInFull, term, timeOf } from './fragments.ts';
import type { RelatedLog } from './related-entries.ts';
import { entryLink, relatedCard, relatedOrProblem } from './related-view.ts';
import { listPath } from './search-question.ts';
import { isServicesWord } from './services-word.ts';

export type EntryLog = RelatedLog &
  Pick<Log, 'origin' | 'head' | 'entry'> & { readonly proofs: Pick<Proofs, 'inclusion'> };

const { sha256 } = nativePrimitives;

/** Of records of other systems that no profile reads. */
const UNREAD_FORMAT = 'DSSE';

/**
 * The page of an entry, with 451 for one that is withheld. Rejects with the log's Problem; `not_found` beyond the end.
 *
 * @param now when the page is made, ms: what it says of other entries is true of this moment, and a sheet of paper is kept
 */
export async function renderEntry(
  template: string,
  log: EntryLog,
  index: number,
  now: number = Date.now(),
): Promise<{ readonly page: string; readonly status: 200 | 451 }> {
  const { size } = await log.head();
  if (index >= size) throw new Problem('not_found', beyond(index, size));
  const bytes = await log.entry(index).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'withheld') return undefined;
    throw error;
  });
  const shown = bytes === undefined ? await withheld(log, index) : await readable(log, index, bytes);
  const parts = {
    title: ENTRY.title(index),
    place: place(index, size),
    heading: html`<p class="eyebrow">${ENTRY.title(index.toLocaleString('en'))}${shown.kind === undefined ? '' : ` · ${shown.kind}`}</p><h1>${shown.title}</h1>${shown.lead === undefined ? '' : html`<p class="lead">${shown.lead}</p>`}${bytes === undefined ? '' : html`<p class="soft screen-only">${ENTRY.proves.before} <a href="/verify?id=${index}">${ENTRY.proves.link}</a>${ENTRY.proves.after}</p>`}`,
    content: shown.content,
    record: recordCard({ index, size, origin: log.origin }, shown),
    asof: html`<p class="note paper-only" id="as-of">${AS_OF.before}${timeOf(now)}${AS_OF.after(size)}</p>`,
    actions: actions(index, bytes !== undefined),
  };
  return { page: await fill(template, parts), status: bytes === undefined ? 451 : 200 };
}

function beyond(index: number, size: number): string {
  return size === 0 ? ENTRY.noneYet(index.toLocaleString('en')) : ENTRY.beyond(index.toLocaleString('en'), size);
}

type Shown = {
  readonly kind?: string;
  readonly title: Html | string;
  readonly lead?: Html | string;
  readonly content: Html | string;
  readonly leaf: string;
  readonly loggedAt?: number;
  readonly digests?: readonly (readonly [Html | string, string | undefined])[];
  readonly signedText?: Html;
};

async function withheld(log: EntryLog, index: number): Promise<Shown> {
  const { leafHash: leaf } = await log.proofs.inclusion(index);
  return { kind: KINDS.withheld, ...ENTRY.withheld, content: '', leaf: hexEncode(leaf) };
}

async function readable(log: EntryLog, index: number, bytes: Uint8Array): Promise<Shown> {
  const leaf = hexEncode(leafHash(bytes, sha256));
  const entry = parseEntry(bytes);
  if (!entry.ok) return { ...ENTRY.unreadable, content: storedText(bytes), leaf };
  const { loggedAt } = entry.value;
  if (!('content' in entry.value)) {
    const { sealed } = entry.value;
    const digests = [[term(RECORD_TERMS.sealed, RECORD.sealed), sealed]] as const;
    return { kind: KINDS.sealed, ...ENTRY.sealed, content: '', leaf, loggedAt, digests };
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
  const signed = html`<section class="card" aria-labelledby="signers"><h2 id="signers">${ENTRY.signedBy}</h2>${signersView(signers)}<p class="note">${whose(evidence)}</p></section>`;
  const rest = html`${signed}${relatedCard(related, evidence)}`;
  const says = (facts: Html, title: string = ENTRY.says) =>
    html`<section class="card" aria-labelledby="says"><h2 id="says">${title}</h2>${facts}</section>${rest}`;
  const named = { kind: KINDS[kind], signedText: signedText(content) };
  if (statement !== undefined) {
    const { digest: intentDigest, action, connector, schema } = statement.intent;
    const servicesWord = isServicesWord(
      statement,
      signers.some(({ kind }) => kind === 'passkey'),
    );
    return {
      ...named,
      title: html`${saidInBrief(action, 48)}${ENTRY.decided.on}${saidInBrief(connector, 48)}${ENTRY.decided.was(DECISIONS[statement.decision])}${servicesWord ? ENTRY.decided.says : ''}`,
      ...leadOf(servicesWord ? statement.service : undefined, 'problem' in related ? undefined : related.consumption),
      content: says(statementFacts(statement, intent, servicesWord)),
      digests: [
        [term(RECORD_TERMS.statement, RECORD.decision), evidence.statementDigest],
        [term(RECORD_TERMS.intent, RECORD.action), intentDigest],
        [RECORD.schema, schema],
        [term(RECORD_TERMS.display, RECORD.display), statement.display],
        [term(RECORD_TERMS.policy, RECORD.policy), statement.policy?.digest],
        [term(RECORD_TERMS.organization, RECORD.organization), statement.organization],
        ...(statement.boundaries ?? []).map(
          (keyid) => [term(RECORD_TERMS.boundaries, RECORD.boundary), keyid] as const,
        ),
      ],
    };
  }
  if (consumption !== undefined) {
    return {
      ...named,
      title: html`${ENTRY.usedBy}${saidInBrief(consumption.boundary, 48)}`,
      lead: ENTRY.consumption,
      content: says(consumptionFacts(consumption)),
      digests: [
        [term(RECORD_TERMS.statement, RECORD.decision), consumption.approval],
        [term(RECORD_TERMS.intent, RECORD.action), consumption.intent],
      ],
    };
  }
  if (trustRoot !== undefined) {
    return {
      ...named,
      title: html`${ENTRY.listOf}${saidInBrief(trustRoot.name, 48)}`,
      lead: ENTRY.trustRoot,
      content: says(trustRootFacts(trustRoot)),
      digests: [
        [term(RECORD_TERMS.statement, RECORD.version), evidence.statementDigest],
        [term(RECORD_TERMS.previous, RECORD.previous), trustRoot.previous],
      ],
    };
  }
  if (foreign !== undefined) {
    return {
      ...named,
      kind: KINDS.foreign,
      ...(foreign.format === UNREAD_FORMAT
        ? { ...ENTRY.foreignUnknown, content: says(foreignFacts(foreign), ENTRY.is) }
        : {
            title: html`${ENTRY.recordOf.before}${saidInBrief(foreign.format)}${ENTRY.recordOf.after}`,
            lead: ENTRY.foreign,
            content: says(foreignFacts(foreign)),
          }),
      digests: [[term(RECORD_TERMS.statement, RECORD.signed), evidence.statementDigest]],
    };
  }
  return { ...named, ...ENTRY.unreadable, content: '' };
}

/** @param service whose word the decision is, if it is one's. @param use of the approval, if there is one */
function leadOf(service: string | undefined, use: EntryLine | null | undefined): { readonly lead?: Html } {
  const sentences = [
    service === undefined ? undefined : html`${ENTRY.saidBy.before}${saidInBrief(service, 48)}${ENTRY.saidBy.after}`,
    use ? html`${ENTRY.wasUsed.before}${entryLink(use.index)}${ENTRY.wasUsed.after}` : undefined,
  ].filter((sentence) => sentence !== undefined);
  return sentences.length === 0 ? {} : { lead: html`${sentences.map((sentence) => html`${sentence} `)}` };
}

/** What the log knows of the owners of the keys that signed. */
function whose({ consumption, trustRoot, foreign, signers = [] }: ContentEvidence): string {
  if (foreign !== undefined) return ENTRY.nobodySays(signers.length);
  if (trustRoot !== undefined) return ENTRY.inCharge;
  // The log takes a use by a key that the approval names, and no other.
  return consumption === undefined ? ENTRY.whose(signers.length) : `${ENTRY.mayUse} ${ENTRY.whose(signers.length)}`;
}

type Place = { readonly index: number; readonly size: number; readonly origin: string };

/** Where it stands, and the fingerprints by which it is known. */
function recordCard(
  { index, size, origin }: Place,
  { leaf, loggedAt, digests = [], signedText = html`` }: Shown,
): Html {
  return html`<section class="card" aria-labelledby="record">
    <h2 id="record">${RECORD.title}</h2>
    ${facts([
      [
        RECORD.place,
        html`${RECORD.placed.entry(index.toLocaleString('en'))}${saidInBrief(origin)}${RECORD.placed.size(size)}`,
      ],
      [
        RECORD.logged,
        loggedAt === undefined ? undefined : html`${timeOf(loggedAt)}<span class="soft">${RECORD.logClock}</span>`,
      ],
    ])}
    ${term(RECORD_TERMS.fingerprints, html`<h3>${RECORD.fingerprints}</h3>`)}
    ${facts([
      ...digests.map(
        ([name, value]) => [name, value === undefined ? undefined : digest(value, HEAD.theFingerprint)] as const,
      ),
      [term(RECORD_TERMS.leafHash, RECORD.entry), digest(`sha256:${leaf}`, HEAD.theFingerprint)],
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
  return html`<details class="more signed-text screen-only"><summary>${ENTRY.signedText}</summary>
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
  return html`<nav class="neighbours screen-only" aria-label="${NEIGHBOURS.label}">
    ${index > 0 ? html`<a rel="prev" href="${entryPath(index - 1)}">${NEIGHBOURS.before((index - 1).toLocaleString('en'))}</a>` : html`<span class="soft">${NEIGHBOURS.first}</span>`}
    <a href="${listPath({}, Math.min(size, index + 13))}">${NEIGHBOURS.around}</a>
    ${index + 1 < size ? html`<a rel="next" href="${entryPath(index + 1)}">${NEIGHBOURS.after((index + 1).toLocaleString('en'))}</a>` : html`<span class="soft">${NEIGHBOURS.last}</span>`}
  </nav>`;
}

/** Of one that is withheld the log gives no receipt, and those that are out there are as good as ever. */
function actions(index: number, readable: boolean): Html {
  if (!readable)
    return html`<section class="card quiet screen-only" aria-labelledby="actions">
    <h2 id="actions">${ACTIONS.title}</h2>
    <a class="button main" href="/verify">${ACTIONS.check}</a>
    <p class="note">${ACTIONS.aboutCheck}</p>
  </section>`;
  return html`<section class="card quiet screen-only" aria-labelledby="actions">
    <h2 id="actions">${ACTIONS.title}</h2>
    <a class="button main" href="/verify?id=${index}">${ACTIONS.verify}</a>
    <p class="note">${ACTIONS.aboutVerify}</p>
    <a class="button" href="/api/v1/receipts/${index}" download="entry-${index}.receipt.json">${DOWNLOAD_RECEIPT}</a>
    <p class="note">${ACTIONS.aboutReceipt}</p>
    <div class="buttons" id="more-actions"></div>
    <p class="note"><a href="/api/v1/entries/${index}">${ACTIONS.bytes}</a></p>
  </section>`;
}
