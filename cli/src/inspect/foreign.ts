/** Evidence of other systems (docs/profiles.md): their payloads, alone and in envelopes. */
import {
  isForeignPayloadType,
  type Json,
  type JsonObject,
  parseEnvelope,
  parseForeignEnvelope,
} from '@assent/verifier';
import { ENVELOPE } from './formats.ts';
import { type Inspection, type Look, problemOf } from './inspection.ts';
import { walk } from './json-walk.ts';
import { seconds } from './readers.ts';
import { type ToldByMembers, tell } from './told-by-members.ts';

const WHERE = 'docs/profiles.md';

const PAYLOADS: readonly ToldByMembers[] = [
  {
    kind: 'signed-approval',
    title: 'A decision of SignedApproval (signedapproval)',
    where: WHERE,
    has: ['v', 'rid', 'did', 'approver', 'action', 'decision'],
    members: {
      v: 'version',
      rid: 'the request',
      did: 'the decision',
      approver: '16 characters of a hash: weak against chosen text',
      action: '16 characters of a hash: weak against chosen text',
      decision: '',
      method: 'how the person was known, as the operator says',
      ts: ['when', seconds],
      exp: ['until when', seconds],
      nonce: '',
      '**': '',
    },
  },
  {
    kind: 'agentmint',
    title: 'A token of AgentMint (agentmint)',
    where: WHERE,
    has: ['jti', 'sub', 'action', 'iat', 'exp'],
    members: {
      jti: 'names the token; it may be used once',
      sub: 'who approved, as the server says',
      action: '',
      iat: ['when', seconds],
      exp: ['until when', seconds],
      '**': '',
    },
  },
  {
    kind: 'in-toto',
    title: 'A statement of in-toto: claims about artifacts; it decides nothing',
    where: WHERE,
    has: ['_type', 'subject', 'predicateType'],
    members: {
      _type: '',
      subject: 'the artifacts, by digest',
      predicateType: 'what kind of claim',
      predicate: 'the claim',
      '**': '',
    },
  },
];

export function foreignPayload(json: JsonObject, look: Look): Inspection | undefined {
  return tell(PAYLOADS, json, look);
}

const SYSTEMS: Readonly<Record<string, string>> = {
  'application/vnd.cosignet.approval+json': 'Cosignet: passkeys sign the action itself',
  'application/vnd.signedapproval.decision.v1+json': 'SignedApproval',
  'application/vnd.agentmint.token+json': 'AgentMint',
  'application/vnd.in-toto+json': 'in-toto',
};

/** A DSSE envelope, ours or another system's. What is foreign comes without keys elsewhere, and a log here would not take it so. */
export function envelope(json: JsonObject, look: Look): Inspection | undefined {
  const { payloadType, payload, signatures } = json;
  if (typeof payloadType !== 'string' || typeof payload !== 'string' || !Array.isArray(signatures)) return undefined;
  const isForeign = isForeignPayloadType(payloadType);
  const value: Json = json;
  const parsed = isForeign ? parseForeignEnvelope(value) : parseEnvelope(value);
  const system = SYSTEMS[payloadType] ?? 'another system, of which nothing is known but that it signs with DSSE';
  return {
    kind: isForeign ? 'foreign-envelope' : ENVELOPE.kind,
    title: isForeign ? `An envelope of ${system}` : ENVELOPE.title,
    where: isForeign ? WHERE : ENVELOPE.where,
    ...(!parsed.ok && problemOf(parsed)),
    rows: walk(json, ENVELOPE.members, look),
  };
}
