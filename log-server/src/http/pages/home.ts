import { formatTime, hexEncode } from '@assent/verifier';
import { html } from 'hono/html';
import type { Log, SignedHead } from '../../log.ts';
import type { LogIdentity } from '../../log-identity.ts';
import { visibleParts } from './hostile-text.ts';
import { type EntryLine, entryLine } from './newest-entries.ts';

const NEWEST = 12;

/** What `/` shows of the log. */
type ShownLog = Pick<Log, 'origin' | 'vkey' | 'head' | 'identityAt' | 'readableEntries'>;

type Html = ReturnType<typeof html>;

/** Fills the built template of `/` with the log's head and newest entries. Rejects with the log's Problem. */
export async function renderHome(template: string, log: ShownLog): Promise<string> {
  const head = await log.head();
  const { closed } = log.identityAt(head.seq);
  const first = Math.max(0, head.size - NEWEST);
  const entries = head.size === 0 ? [] : await log.readableEntries(first, head.size);
  const lines = entries.map((entry, offset) => entryLine(first + offset, entry)).reverse();
  const parts: Readonly<Record<string, string>> = {
    head: String(await headCard(log, head, closed)),
    entries: String(await entryList(lines, head.size, closed !== undefined)),
  };
  return template.replace(/<!-- server: ([a-z]+) -->/g, (marker, name: string) => parts[name] ?? marker);
}

function headCard(log: ShownLog, head: SignedHead, closed: LogIdentity['closed']): Html {
  const entries = head.size === 1 ? 'entry' : 'entries';
  return html`<section class="card" aria-labelledby="head">
    <h2 id="head">${closed === undefined ? 'Signed head' : 'Final head'}</h2>
    ${closed === undefined ? '' : closedMessage(closed)}
    <p class="head-size">${head.size.toLocaleString('en')} <span>${entries}, all under one signature</span></p>
    <dl class="facts">
      <div><dt>Root hash</dt><dd class="with-copy"><span class="digest" data-copy="the root hash">${hexEncode(head.root)}</span></dd></div>
      <div><dt>Signed</dt><dd>${timeOf(formatTime(head.timestamp))}</dd></div>
      <div><dt>Origin</dt><dd>${said(log.origin)}</dd></div>
      <div><dt>Log key</dt><dd class="with-copy"><span class="digest" data-copy="the log key">${log.vkey}</span></dd></div>
    </dl>
    <p class="note">Keep the log key. With it you can check every receipt of this log without asking the log.</p>
  </section>`;
}

function closedMessage({ at, successor, reason }: NonNullable<LogIdentity['closed']>): Html {
  return html`<p class="message warn">This log was closed on ${timeOf(formatTime(at))} and takes no entries any more. What it holds can be read and checked as before.${
    successor === undefined ? '' : html` It goes on as ${said(successor)}.`
  }${reason === undefined ? '' : html` The reason given: ${said(reason)}`}</p>`;
}

function entryList(lines: readonly EntryLine[], size: number, closed: boolean): Html {
  if (lines.length === 0) {
    return html`<section class="entries" aria-labelledby="entries">
      <h2 id="entries">Newest entries</h2>
      <p class="card quiet">${closed ? 'Nothing was ever logged here.' : invitation()}</p>
    </section>`;
  }
  return html`<section class="entries" aria-labelledby="entries">
    <h2 id="entries">Newest entries</h2>
    <table>
      <thead><tr><th scope="col">Entry</th><th scope="col">What</th><th scope="col">Decision</th><th scope="col">Service / id</th><th scope="col">Logged</th></tr></thead>
      <tbody>${lines.map(entryRow)}</tbody>
    </table>
    ${size > lines.length ? html`<p class="note">These are the newest ${lines.length} of ${size.toLocaleString('en')}.</p>` : ''}
  </section>`;
}

function invitation(): Html {
  return html`Nothing has been logged yet. <!-- demo -->The first entry can be yours: <a href="/demo">approve something</a>.<!-- /demo -->`;
}

function entryRow({ index, loggedAt, kind, decision, action, name }: EntryLine): Html {
  return html`<tr>
    <td class="index"><a href="/verify?id=${index}">${index}<span class="unseen"> check this entry</span></a></td>
    <td class="what">${said(action ?? kind)}</td>
    <td class="decision">${decision === undefined ? '' : html`<span class="tag ${decision === 'approved' ? 'pass' : 'warn'}">${decision}</span>`}</td>
    <td class="name">${name === undefined ? '' : said(name)}</td>
    <td class="when">${loggedAt === undefined ? '' : timeOf(loggedAt)}</td>
  </tr>`;
}

/** Words of somebody else: escaped, in a direction of their own, and with what cannot be seen spelled out. */
function said(text: string): Html {
  return html`<bdi class="said">${visibleParts(text).map((part) =>
    part.hidden ? html`<span class="hidden-character">${part.text}</span>` : part.text,
  )}</bdi>`;
}

function timeOf(time: string): Html {
  return html`<time datetime="${time}">${time.slice(0, 10)} ${time.slice(11, 19)} UTC</time>`;
}

/** For a log that cannot say its head now: the rest of the page still stands. */
export async function renderHomeWithoutLog(template: string, reason: string): Promise<string> {
  const card = await html`<section class="card" aria-labelledby="head">
    <h2 id="head">Signed head</h2>
    <p class="message warn">The log does not answer now: ${reason}</p>
  </section>`;
  return template.replace('<!-- server: head -->', () => String(card)).replace('<!-- server: entries -->', '');
}
