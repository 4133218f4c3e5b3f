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
import { ENTRY, FIELDS, FOREIGN, SIGNER } from '../../words/entry.ts';
import { ALGORITHMS, ATTESTATION, ATTESTED, DECISION_SAID, DECISIONS } from '../../words/names.ts';
import * as RECORD_TERMS from '../../words/record-terms.ts';
import * as TERMS from '../../words/terms.ts';
import { decisionTag } from './entry-list.ts';
import { digest, facts, type Html, said, saidInBrief, term, timeOf } from './fragments.ts';
import { listPath } from './search-question.ts';

/** @param servicesWord that people decided it */
export function statementFacts(statement: Statement, intent: Intent | undefined, servicesWord: boolean): Html {
  const { decision, requester, service, id, expires_at, issued_at, use, policy, attested = [] } = statement;
  return html`${facts([
    servicesWord
      ? [DECISION_SAID, html`<span class="tag">${DECISIONS[decision]}</span>`]
      : [FIELDS.decision, decisionTag(decision)],
    [term(RECORD_TERMS.action, FIELDS.action), said(statement.intent.action)],
    [term(RECORD_TERMS.connector, FIELDS.connector), said(statement.intent.connector)],
    [
      term(RECORD_TERMS.intent, FIELDS.details),
      intent === undefined ? html`<span class="soft">${ENTRY.detailsNotPublic}.</span>` : intentFacts(intent),
    ],
    [term(RECORD_TERMS.requester, FIELDS.requester), said(requester)],
    [
      term(RECORD_TERMS.service, FIELDS.service),
      html`${said(`${service}/${id}`)} <a class="aside" href="${listPath({ service })}">${FIELDS.allOfService}</a>`,
    ],
    [FIELDS.asked, timeOf(issued_at)],
    [decision === 'approved' ? term(RECORD_TERMS.expires, FIELDS.validUntil) : FIELDS.openUntil, timeOf(expires_at)],
    [
      term(RECORD_TERMS.use, FIELDS.use),
      decision !== 'approved' ? undefined : use === 'single' ? FIELDS.once : FIELDS.often,
    ],
    [term(RECORD_TERMS.policy, FIELDS.rule), policy && said(policy.rule)],
    [
      term(RECORD_TERMS.attested, ATTESTED[decision]),
      attested.length === 0 ? undefined : html`<ul class="plain-list">${attested.map(attestation)}</ul>`,
    ],
  ])}`;
}

function intentFacts({ args }: Intent): Html {
  const entries = Object.entries(args);
  if (entries.length === 0) return html`<span class="soft">${FIELDS.noDetails}</span>`;
  return html`<dl class="facts wide well">${entries.map(
    ([name, value]) =>
      html`<div><dt><code>${saidInBrief(name)}</code></dt><dd>${said(typeof value === 'string' ? value : canonicalJson(value))}</dd></div>`,
  )}</dl>`;
}

function attestation({ approver, role, method, at }: Attestation): Html {
  const { as, with: means, methods, at: on } = ATTESTATION;
  return html`<li>${said(approver)}${as}${said(role)}${means}${methods[method]}${on}${timeOf(at)}</li>`;
}

export function consumptionFacts({ boundary, at, attempt }: Consumption): Html {
  return facts([
    [term(RECORD_TERMS.boundary, FIELDS.usedBy), said(boundary)],
    [FIELDS.usedAt, html`${timeOf(at)}<span class="soft">${FIELDS.ownClock}</span>`],
    [term(RECORD_TERMS.attempt, FIELDS.attempt), digest(attempt)],
  ]);
}

export function trustRootFacts({ name, version, issued_at, expires_at, root, members }: TrustRoot): Html {
  const keys = [...root.keys.keys()];
  return facts([
    [FIELDS.organization, said(name)],
    [FIELDS.version, version.toLocaleString('en')],
    [FIELDS.inForce, timeOf(issued_at)],
    [FIELDS.validUntil, timeOf(expires_at)],
    [
      term(RECORD_TERMS.threshold, FIELDS.inCharge),
      html`<p>${FIELDS.threshold(root.threshold, keys.length)}</p><ul class="plain-list">${keys.map((keyid) => html`<li>${digest(keyid)}</li>`)}</ul>`,
    ],
    [
      term(RECORD_TERMS.members, FIELDS.members),
      html`<span class="soft">${ENTRY.notPublic}.</span><br>${digest(members)}`,
    ],
  ]);
}

export function foreignFacts({ format, payloadType, ...says }: NonNullable<ContentEvidence['foreign']>): Html {
  const { decision, action, who, method, when, until, id, cannotProve } = says;
  return html`${facts([
    [term(RECORD_TERMS.format, FOREIGN.format), html`${said(format)}<div class="soft">${said(payloadType)}</div>`],
    [FOREIGN.decision, decision === 'none' ? undefined : html`<span class="tag">${decision}</span>`],
    [FOREIGN.action, action === undefined ? undefined : said(action)],
    [FOREIGN.who, who === undefined ? undefined : said(who)],
    [FOREIGN.method, method === undefined ? undefined : said(method)],
    [FOREIGN.when, when === undefined ? undefined : timeOf(when)],
    [FOREIGN.until, until === undefined ? undefined : timeOf(until)],
    [FOREIGN.id, id === undefined ? undefined : said(id)],
  ])}
  <div class="message warn"><p>${FOREIGN.cannotProve}</p><ul>${cannotProve.map((limit) => html`<li>${said(limit)}</li>`)}</ul></div>`;
}

/** Who signed, by their keys. */
export function signersView(signers: readonly VerifiedSignature[]): Html {
  return html`<ul class="signers">${signers.map(signer)}</ul>`;
}

function signer(signed: VerifiedSignature): Html {
  const { keyid, algorithm } = signed.publicKey;
  const where = signed.kind === 'passkey' ? passkeyWords(signed.assertion) : '';
  const [means, kind] = signed.kind === 'passkey' ? [TERMS.passkey, SIGNER.passkey] : [TERMS.key, SIGNER.key];
  return html`<li class="signer">
    <div class="signer-kind">${term(means + SIGNER.algorithm(ALGORITHMS[algorithm]), kind)}</div>
    ${where}
    <div class="signer-key">${digest(keyid)} <a class="aside" href="${listPath({ keyid })}">${SIGNER.all}</a></div>
  </li>`;
}

function passkeyWords({
  origin,
  topOrigin,
  crossOrigin,
  userVerified,
}: Extract<VerifiedSignature, { kind: 'passkey' }>['assertion']): Html {
  const inside = crossOrigin
    ? html`${SIGNER.inside}${topOrigin === undefined ? '' : html`, ${saidInBrief(topOrigin)}`}`
    : '';
  return html`<p>${SIGNER.at}${saidInBrief(origin)}${inside}. ${userVerified ? SIGNER.verified : SIGNER.present}</p>`;
}
