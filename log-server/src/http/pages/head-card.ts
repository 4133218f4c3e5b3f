import { formatTime, hexEncode } from '@assent/verifier';
import { html } from 'hono/html';
import type { Log, SignedHead } from '../../log.ts';
import type { LogIdentity } from '../../log-identity.ts';
import type { KeptCheckpoints } from '../../witness/kept-checkpoints.ts';
import type { Witnessing } from '../../witness/witnessing.ts';
import { HEAD } from '../../words/home.ts';
import * as RECORD_TERMS from '../../words/record-terms.ts';
import * as TERMS from '../../words/terms.ts';
import { digest, type Html, said, saidInBrief, term, timeOf } from './fragments.ts';

export type HeadLog = Pick<Log, 'origin' | 'identityAt'> & {
  readonly witnessing: Pick<Witnessing, 'status' | 'hasQuorum'> & { readonly kept: Pick<KeptCheckpoints, 'newest'> };
};

/** The newest head: how much, since when, who signed and who confirmed. A script keeps it up to date. */
export function headCard(log: HeadLog, head: SignedHead): Html {
  const { vkeys, successor, closed } = log.identityAt(head.seq);
  return html`<section class="card head-card" aria-labelledby="head" data-size="${head.size}" data-signed="${formatTime(head.timestamp)}"${closed === undefined ? '' : html` data-closed`}>
    <div class="head-title">
      <h2 id="head">${closed === undefined ? HEAD.title : HEAD.titleClosed}</h2>
      <p class="tag" id="live" role="status" hidden></p>
    </div>
    ${closed === undefined ? '' : closedMessage(closed)}
    <p class="message warn" id="connection" role="status" hidden></p>
    <p class="message warn" id="clock" role="status" hidden></p>
    <p class="head-size"><span id="head-size">${head.size.toLocaleString('en')}</span> <span class="head-unit">${HEAD.unit(head.size)}${head.size < 2 || vkeys.length > 1 ? '' : html`<span class="head-claim">${HEAD.oneSignature}</span>`}</span></p>
    <dl class="facts">
      <div><dt>${HEAD.signed}</dt><dd><span id="head-signed">${timeOf(head.timestamp)}</span> <span class="soft" id="head-age"></span></dd></div>
      <div><dt>${term(TERMS.logKey, vkeys.length === 1 ? HEAD.key : HEAD.keys)}</dt>
        <dd>${keys(vkeys)}${
          successor === undefined
            ? ''
            : html`<p class="note">${HEAD.rotation.before}${timeOf(successor.since)}${HEAD.rotation.after}</p>`
        }</dd></div>
      <div><dt>${term(TERMS.witness, HEAD.confirmedBy)}</dt><dd>${witnesses(log.witnessing, head.size)}</dd></div>
      <div><dt>${term(RECORD_TERMS.root, HEAD.root)}</dt><dd>${digest(hexEncode(head.root), HEAD.theFingerprint)}</dd></div>
      <div><dt>${term(RECORD_TERMS.origin, HEAD.origin)}</dt><dd>${said(log.origin)}</dd></div>
    </dl>
  </section>`;
}

function keys(vkeys: readonly string[]): Html {
  if (vkeys.length === 1) return html`${vkeys.map((vkey) => digest(vkey, HEAD.theKey))}`;
  return html`<ol class="keys">${vkeys.map((vkey, place) => html`<li>${digest(vkey, HEAD.theKeys[place] ?? HEAD.theKey)}</li>`)}</ol>`;
}

function witnesses(witnessing: HeadLog['witnessing'], size: number): Html {
  const members = witnessing.status();
  const { newest } = witnessing.kept;
  const asked = members.filter(({ inQuorum }) => inQuorum);
  if (asked.length === 0 && members.length === 0) {
    return html`${HEAD.noWitnesses}`;
  }
  const reached = witnessing.hasQuorum
    ? newest === undefined
      ? html`<p>${HEAD.tooFew}</p>`
      : html`<p class="head-claim">${HEAD.enough(newest.size, size)}</p>`
    : html`<p class="note">${HEAD.noneNeeded}</p>`;
  return html`${reached}${
    together(members) ??
    html`<ul class="plain-list">${members.map(
      ({ name, cosigned }) =>
        html`<li>${saidInBrief(name)} <span class="soft">${
          cosigned === undefined ? HEAD.silent : html`${HEAD.confirmed(cosigned.size)}${timeOf(cosigned.time)}`
        }</span></li>`,
    )}</ul>`
  }`;
}

/** One line for all of them, where they have confirmed the same. */
function together(members: ReturnType<HeadLog['witnessing']['status']>): Html | undefined {
  const confirmed = members.flatMap(({ cosigned }) => cosigned ?? []);
  const same = new Set(confirmed.map(({ size }) => size)).size === 1;
  if (members.length < 2 || confirmed.length < members.length || !same) return undefined;
  const names = members.map(
    ({ name }, place) => html`${place === 0 ? '' : place === members.length - 1 ? HEAD.and : ', '}${saidInBrief(name)}`,
  );
  const last = Math.max(...confirmed.map(({ time }) => time));
  return html`<p><span class="head-claim">${HEAD.allTheSame}</span>${names}<span class="soft">${HEAD.lastOfThem}${timeOf(last)}</span>.</p>`;
}

function closedMessage({ at, successor, reason }: NonNullable<LogIdentity['closed']>): Html {
  return html`<p class="message warn">${HEAD.closed.before}${timeOf(at)}${HEAD.closed.after}${
    successor === undefined ? '' : html`${HEAD.closed.successor}<strong>${saidInBrief(successor)}</strong>.`
  }${reason === undefined ? '' : html`${HEAD.closed.reason}${saidInBrief(reason, 400)}`}</p>`;
}
