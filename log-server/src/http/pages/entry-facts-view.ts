/** What an entry's content says, field by field, each with a name that explains itself. */
import {
  type Attestation,
  type Consumption,
  type ContentEvidence,
  canonicalJson,
  type Intent,
  type Statement,
  type TrustRoot,
  type VerifiedSignature,
} from '@assent/verifier';
import { html } from 'hono/html';
import { ENTRY, METHODS } from '../../words/log-pages.ts';
import { ALGORITHMS } from '../../words/names.ts';
import * as TERMS from '../../words/terms.ts';
import { decisionTag } from './entry-list.ts';
import { digest, facts, type Html, said, saidInBrief, term, timeOf } from './fragments.ts';
import { listPath } from './search-question.ts';

export function statementFacts(statement: Statement, intent: Intent | undefined): Html {
  const { decision, requester, service, id, expires_at, issued_at, use, policy, attested = [] } = statement;
  return html`${facts([
    ['Decision', decisionTag(decision)],
    [term(TERMS.action, 'Action'), said(statement.intent.action)],
    [term(TERMS.connector, 'On'), said(statement.intent.connector)],
    [
      term(TERMS.intent, 'With the details'),
      intent === undefined ? html`<span class="soft">${ENTRY.notPublic}.</span>` : intentFacts(intent),
    ],
    [term(TERMS.requester, 'Requested by'), said(requester)],
    [
      term(TERMS.service, 'Asked by'),
      html`${said(`${service}/${id}`)} <a class="aside" href="${listPath({ service })}">All of this service</a>`,
    ],
    ['Asked', timeOf(issued_at)],
    [term(TERMS.expires, 'Valid until'), timeOf(expires_at)],
    [term(TERMS.use, 'May be used'), use === 'single' ? 'once' : 'more than once, until it expires'],
    [term(TERMS.policy, 'Under the rule'), policy && said(policy.rule)],
    [
      term(TERMS.attested, 'Approved, as the service says'),
      attested.length === 0 ? undefined : html`<ul class="plain-list">${attested.map(attestation)}</ul>`,
    ],
  ])}`;
}

function intentFacts({ args }: Intent): Html {
  const entries = Object.entries(args);
  if (entries.length === 0) return html`<span class="soft">none</span>`;
  return html`<dl class="facts well">${entries.map(
    ([name, value]) =>
      html`<div><dt><code>${saidInBrief(name)}</code></dt><dd>${said(typeof value === 'string' ? value : canonicalJson(value))}</dd></div>`,
  )}</dl>`;
}

function attestation({ approver, role, method, at }: Attestation): Html {
  return html`<li>${said(approver)} as ${said(role)}, with ${METHODS[method]}, ${timeOf(at)}</li>`;
}

export function consumptionFacts({ boundary, at, attempt }: Consumption): Html {
  return facts([
    [term(TERMS.boundary, 'Used by'), said(boundary)],
    ['Used at', html`${timeOf(at)}<span class="soft">, by its own clock</span>`],
    [term(TERMS.attempt, 'Attempt'), digest(attempt)],
  ]);
}

export function trustRootFacts({ name, version, issued_at, expires_at, root, members }: TrustRoot): Html {
  const keys = [...root.keys.keys()];
  return facts([
    ['Organization', said(name)],
    ['Version', version.toLocaleString('en')],
    ['In force from', timeOf(issued_at)],
    ['Valid until', timeOf(expires_at)],
    [
      term(TERMS.threshold, 'Keys in charge'),
      html`<p>${root.threshold} of ${keys.length} sign the next version.</p><ul class="plain-list">${keys.map((keyid) => html`<li>${digest(keyid)}</li>`)}</ul>`,
    ],
    [term(TERMS.members, 'Names and keys'), html`<span class="soft">${ENTRY.notPublic}.</span> ${digest(members)}`],
  ]);
}

export function foreignFacts({ format, payloadType, ...says }: NonNullable<ContentEvidence['foreign']>): Html {
  const { decision, action, who, method, when, until, id, cannotProve } = says;
  return html`${facts([
    [term(TERMS.format, 'Made by'), html`${said(format)} <span class="soft">(${saidInBrief(payloadType)})</span>`],
    ['Decision, as it says', html`<span class="tag">${decision === 'none' ? 'none' : decision}</span>`],
    ['Action, as it says', action === undefined ? undefined : said(action)],
    ['Who, as it says', who === undefined ? undefined : said(who)],
    ['How, as it says', method === undefined ? undefined : said(method)],
    ['When, as it says', when === undefined ? undefined : timeOf(when)],
    ['Valid until, as it says', until === undefined ? undefined : timeOf(until)],
    ['Its own name', id === undefined ? undefined : said(id)],
  ])}
  <div class="message warn"><p>What such a record cannot prove:</p><ul>${cannotProve.map((limit) => html`<li>${said(limit)}</li>`)}</ul></div>`;
}

/** Who signed, by their keys. */
export function signersView(signers: readonly VerifiedSignature[]): Html {
  return html`<ul class="signers">${signers.map(signer)}</ul>`;
}

function signer(signed: VerifiedSignature): Html {
  const { keyid, algorithm } = signed.publicKey;
  const where = signed.kind === 'passkey' ? passkeyWords(signed.assertion) : '';
  const kind = signed.kind === 'passkey' ? term(TERMS.passkey, 'A passkey') : html`<strong>A key</strong>`;
  return html`<li class="signer">
    <div class="signer-kind">${kind}<span class="soft">${ALGORITHMS[algorithm]}</span></div>
    ${where}
    <div class="signer-key">${digest(keyid)} <a class="aside" href="${listPath({ keyid })}">All with this key</a></div>
  </li>`;
}

function passkeyWords({
  origin,
  topOrigin,
  crossOrigin,
  userVerified,
}: Extract<VerifiedSignature, { kind: 'passkey' }>['assertion']): Html {
  const inside = crossOrigin
    ? html`, inside of another page${topOrigin === undefined ? '' : html`, ${saidInBrief(topOrigin)}`}`
    : '';
  return html`<p>At ${saidInBrief(origin)}${inside}. ${userVerified ? 'The device made sure who was there.' : 'Somebody was there; the device did not ask who.'}</p>`;
}
