/**
 * Decisions of SignedApproval (https://signedapproval.net/help/approvals/signatures), formats.md §10: Ed25519 over the
 * payload's bytes as they are.
 *
 *     {"v":1,"rid":"req_abc123","did":"dec_xyz789","approver":"a1b2c3d4e5f60718","action":"98badcfe10325476",
 *      "decision":"approved","method":"passkey","ts":1709000000,"exp":1709086400,"nonce":"abcdef1234567890abcdef1234567890"}
 *
 * `approver` and `action` are the first 16 hexadecimal digits of SHA-256 over the user's id and the action's text. Each approver
 * has a key, which the operator keeps.
 */
import { type Field, oneOf } from '../document.ts';
import { fail, ok } from '../result.ts';
import { moment, nonEmptyText, type Profile, readPayload } from './profile.ts';

export const SIGNED_APPROVAL_PAYLOAD_TYPE = 'application/vnd.signedapproval.decision.v1+json';

const version: Field<1> = (value) => {
  if (typeof value !== 'number') return fail('wrong_type', ' is not a number');
  return value === 1 ? ok(1) : fail('unsupported', ' is not 1, the only one known here');
};

const hashPrefix: Field<string> = (value) => {
  if (typeof value !== 'string') return fail('wrong_type', ' is not a string');
  return /^[0-9A-Za-z]{16}$/.test(value) ? ok(value) : fail('bad_value', ' is not 16 characters of a hash');
};

const members = {
  v: version,
  rid: nonEmptyText,
  did: nonEmptyText,
  approver: hashPrefix,
  action: hashPrefix,
  decision: oneOf('approved', 'rejected'),
  method: nonEmptyText,
  ts: moment,
  exp: moment,
  nonce: nonEmptyText,
};

export const signedApproval: Profile = {
  format: 'SignedApproval',
  signer: 'ed25519',
  signedBytes: (_payloadType, payload) => payload,
  read: (payload) => {
    const read = readPayload(payload, members);
    if (!read.ok) return read;
    const { did, approver, action, decision, method, ts, exp } = read.value;
    if (exp <= ts) return fail('bad_value', 'payload.exp is not later than ts');
    return ok({
      decision,
      id: did,
      who: approver,
      action,
      method,
      when: ts,
      until: exp,
      cannotProve: [
        'that a person decided: the operator holds the key, and the method is the operator’s word',
        'exactly who decided about what: approver and action are 64 bits of a hash, which is weak against chosen text',
        'under which policy it was approved, and that it was used only once',
      ],
    });
  },
};
