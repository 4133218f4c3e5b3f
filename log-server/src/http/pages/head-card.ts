import { formatTime, hexEncode } from '@assent/verifier';
import { html } from 'hono/html';
import type { Log, SignedHead } from '../../log.ts';
import type { LogIdentity } from '../../log-identity.ts';
import type { KeptCheckpoints } from '../../witness/kept-checkpoints.ts';
import type { Witnessing } from '../../witness/witnessing.ts';
import * as TERMS from '../../words/terms.ts';
import { count } from './count.ts';
import { briefTimeOf, digest, type Html, said, saidInBrief, term, timeOf } from './fragments.ts';

export type HeadLog = Pick<Log, 'origin' | 'identityAt'> & {
  readonly witnessing: Pick<Witnessing, 'status' | 'hasQuorum'> & { readonly kept: Pick<KeptCheckpoints, 'newest'> };
};

/** The newest head: how much, since when, who signed and who confirmed. A script keeps it up to date. */
export function headCard(log: HeadLog, head: SignedHead): Html {
  const { vkeys, successor, closed } = log.identityAt(head.seq);
  return html`<section class="card head-card" aria-labelledby="head" data-size="${head.size}" data-signed="${formatTime(head.timestamp)}"${closed === undefined ? '' : html` data-closed`}>
    <div class="head-title">
      <h2 id="head">${closed === undefined ? 'The log now' : 'The log at its end'}</h2>
      <p class="tag" id="live" role="status" hidden></p>
    </div>
    ${closed === undefined ? '' : closedMessage(closed)}
    <p class="head-size"><span id="head-size">${head.size.toLocaleString('en')}</span> <span class="head-unit">${head.size === 1 ? 'entry' : 'entries'}, all under one signature</span></p>
    <p class="message warn" id="connection" role="status" hidden></p>
    <p class="message warn" id="clock" role="status" hidden></p>
    <dl class="facts">
      <div><dt>Signed</dt><dd><span id="head-signed">${timeOf(head.timestamp)}</span> <span class="soft" id="head-age"></span></dd></div>
      <div><dt>${term(TERMS.logKey, vkeys.length === 1 ? 'By the log’s key' : 'By both of the log’s keys')}</dt>
        <dd>${vkeys.map((vkey) => digest(vkey, 'the log key'))}${
          successor === undefined
            ? ''
            : html`<p class="note">The second one signs as well since ${timeOf(successor.since)}, and will take the place of the first.</p>`
        }</dd></div>
      <div><dt>${term(TERMS.witness, 'Confirmed by')}</dt><dd>${witnesses(log.witnessing)}</dd></div>
      <div><dt>${term(TERMS.root, 'Fingerprint of the whole log')}</dt><dd>${digest(hexEncode(head.root), 'the fingerprint')}</dd></div>
      <div><dt>${term(TERMS.origin, 'Name of the log')}</dt><dd>${said(log.origin)}</dd></div>
    </dl>
  </section>`;
}

function witnesses(witnessing: HeadLog['witnessing']): Html {
  const members = witnessing.status();
  const { newest } = witnessing.kept;
  const asked = members.filter(({ inQuorum }) => inQuorum);
  if (asked.length === 0 && members.length === 0) {
    return html`Nobody is asked. Whoever reads this log compares it with what they saw before, as this page does.`;
  }
  const reached = witnessing.hasQuorum
    ? newest === undefined
      ? html`<p>Not enough of them have confirmed yet.</p>`
      : html`<p>Enough of them have confirmed ${count(newest.size, 'entry', 'entries')}.</p>`
    : html`<p class="note">None of them has to confirm before an entry counts.</p>`;
  return html`${reached}<ul class="plain-list">${members.map(
    ({ name, cosigned }) =>
      html`<li>${saidInBrief(name)} <span class="soft">${
        cosigned === undefined
          ? 'has not confirmed anything yet'
          : html`confirmed ${count(cosigned.size, 'entry', 'entries')}, ${briefTimeOf(cosigned.time)}`
      }</span></li>`,
  )}</ul>`;
}

function closedMessage({ at, successor, reason }: NonNullable<LogIdentity['closed']>): Html {
  return html`<p class="message warn">This log was closed on ${timeOf(at)} and takes no entries any more. What it holds can be read and checked as before.${
    successor === undefined ? '' : html` It goes on as ${saidInBrief(successor)}.`
  }${reason === undefined ? '' : html` The reason given: ${saidInBrief(reason, 400)}`}</p>`;
}
