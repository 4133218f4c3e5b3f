/**
 * Tokens of AgentMint (https://github.com/aniketh-maddipati/agentmint), formats.md §10: Ed25519 over the ASCII text
 * b64u(payload), the part of the token before its dot.
 *
 *     {"jti":"0d9c6a3e-…","sub":"alice@example.com","action":"deploy","iat":"2026-04-03T17:00:00.123456789Z","exp":"2026-…"}
 *
 * A plan has `receipt_type` plan and says in `scope` and `delegates_to` what may be derived from it. A delegated token names its
 * parent by `parent_jti`, and as `original_approver` the subject of the first one.
 */
import { base64urlEncode } from '../base64.ts';
import { utf8Encode } from '../bytes.ts';
import { optional } from '../document.ts';
import { fail, ok } from '../result.ts';
import { count, moment, nonEmptyText, type Profile, readPayload, texts } from './profile.ts';

export const AGENTMINT_PAYLOAD_TYPE = 'application/vnd.agentmint.token+json';

const members = {
  jti: nonEmptyText,
  sub: nonEmptyText,
  action: nonEmptyText,
  iat: moment,
  exp: moment,
  receipt_type: optional(nonEmptyText),
  scope: optional(texts),
  delegates_to: optional(texts),
  requires_checkpoint: optional(texts),
  max_delegation_depth: optional(count),
  parent_jti: optional(nonEmptyText),
  original_approver: optional(nonEmptyText),
  depth: optional(count),
};

export const agentmint: Profile = {
  format: 'AgentMint',
  signer: 'ed25519',
  signedBytes: (_payloadType, payload) => utf8Encode(base64urlEncode(payload)),
  read: (payload) => {
    const read = readPayload(payload, members);
    if (!read.ok) return read;
    const { jti, sub, action, iat, exp, parent_jti, original_approver } = read.value;
    if (exp <= iat) return fail('bad_value', 'payload.exp is not later than iat');
    return ok({
      decision: 'approved',
      id: jti,
      who: original_approver ?? sub,
      action,
      when: iat,
      until: exp,
      cannotProve: [
        'that a person approved: the server that made it holds the key, and says in whose name',
        'with which arguments: the token names an action and no more',
        'that it was used only once: that server alone remembers its number',
        ...(parent_jti === undefined ? [] : [`that the token ${parent_jti}, which it derives from, allowed it`]),
      ],
    });
  },
};
