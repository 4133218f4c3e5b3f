/**
 * Members of a trust root (formats.md §7): whose keys these are, what they may do, and which policies count. They stay with the
 * organization and its verifiers; the log holds `SHA-256(salt ‖ JCS(members))`, which is `sealContent(formatTrustMembers(members), salt)`.
 *
 *     { "approvers":  { "sha256:<keyid>": { "publicKey": b64, "holder": "alice@example.com", "roles": ["finance"], "kind": "passkey",
 *           "rp_id": "approvals.example.com", "origins": ["https://approvals.example.com"], "top_origins": [],
 *           "valid_from": "…Z", "valid_until": "…Z", "revoked": { "reason": "retired", "at": "…Z" } } },
 *       "services":   { "sha256:<keyid>": { "publicKey": b64, "name": "approvals.example.com", "methods": ["totp"],
 *           "attests": { "alice@example.com": ["finance"] }, "payload_types": ["application/vnd.assent.approval.v1+json"], "valid_from": "…Z" } },
 *       "boundaries": { "sha256:<keyid>": { "publicKey": b64, "name": "payments-gw-3", "valid_from": "…Z" } },
 *       "policies":   { "sha256:<policy digest>": { "valid_from": "…Z" } } }
 *
 * A list may be empty: a key can't be dropped, so one who has left keeps an entry without roles.
 */
import { ATTESTED_METHODS } from './approval.ts';
import { base64Encode } from './base64.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import {
  arrayOf,
  base64Bytes,
  checkJson,
  digest,
  type Field,
  identifier,
  isJsonObject,
  mapOf,
  named,
  object,
  oneOf,
  optional,
  slashlessIdentifier,
  string,
  time,
} from './document.ts';
import type { PublicKey } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { isForPasskeysOnly } from './signature.ts';
import { parsePublicKey } from './spki.ts';
import type {
  ListedKey,
  ListedPolicy,
  Revocation,
  TrustedApprover,
  TrustedBoundary,
  TrustedService,
  TrustMembers,
} from './trust-root.ts';

/** A public key as documents write it: base64 of its SPKI. */
export const publicKeyText: Field<PublicKey> = (value) => {
  const bytes = base64Bytes(value);
  if (!bytes.ok) return bytes;
  const key = parsePublicKey(bytes.value);
  return key.ok ? key : fail(key.code, `: ${key.detail}`);
};

/** One that can sign without a passkey's ceremony. */
export const signingKeyText: Field<PublicKey> = (value) => {
  const key = publicKeyText(value);
  if (!key.ok || !isForPasskeysOnly(key.value)) return key;
  return fail('key_unsupported', ': an RSA or ML-DSA key signs as a passkey only');
};

/** An object of keys by keyid. A key under another keyid would be found by one reader and missed by the next. */
export function keyedBy<T>(item: Field<T>, keyOf: (item: T) => PublicKey): Field<ReadonlyMap<string, T>> {
  const items = mapOf(digest, item);
  return (value) => {
    const read = items(value);
    if (!read.ok) return read;
    for (const [keyid, member] of read.value) {
      if (keyOf(member).keyid !== keyid)
        return fail('keyid_mismatch', `["${keyid}"] is not the hash of its public key`);
    }
    return read;
  };
}

/** Without repetition, which would say nothing, or count twice for somebody. */
function listOf<T>(field: Field<T>): Field<readonly T[]> {
  const items = arrayOf(field);
  return (value) => {
    const read = items(value);
    if (!read.ok) return read;
    return new Set(read.value).size === read.value.length ? read : fail('bad_value', ' names one twice');
  };
}

const revocationMembers = object({ reason: oneOf('retired', 'compromised'), at: time, since: optional(time) });

const revocation: Field<Revocation> = (value) => {
  const read = revocationMembers(value);
  if (!read.ok) return read;
  const { reason, at, since } = read.value;
  if (reason === 'retired') {
    return since === undefined ? ok({ reason, at }) : fail('unknown_member', '.since is for compromised keys');
  }
  if (since === undefined) return fail('missing_member', '.since is missing');
  return since <= at ? ok({ reason, at, since }) : fail('bad_value', '.since is later than at');
};

/** As `field`, and `valid_until`, if there is one, is later than `valid_from`. Times are of equal width, so their texts order as they do. */
function inOrder<T extends ListedPolicy>(field: Field<T>): Field<T> {
  return (value) => {
    const read = field(value);
    if (!read.ok || read.value.valid_until === undefined || read.value.valid_until > read.value.valid_from) return read;
    return fail('bad_value', '.valid_until is not later than valid_from');
  };
}

const validity = { valid_from: time, valid_until: optional(time) };
const standing = { ...validity, revoked: optional(revocation) };
const person = { holder: identifier, roles: listOf(identifier), ...standing };

const keyApprover = object({ kind: oneOf('key'), publicKey: signingKeyText, ...person });

const passkeyApprover = object({
  kind: oneOf('passkey'),
  publicKey: publicKeyText,
  rp_id: string,
  origins: listOf(string),
  top_origins: optional(listOf(string)),
  ...person,
});

/** Which members there may be depends on the kind. */
const approver: Field<TrustedApprover> = (value) =>
  isJsonObject(value) && value.kind === 'key' ? keyApprover(value) : passkeyApprover(value);

const service: Field<TrustedService> = object({
  publicKey: signingKeyText,
  name: slashlessIdentifier,
  attests: mapOf(identifier, listOf(identifier)),
  methods: listOf(oneOf(...ATTESTED_METHODS)),
  payload_types: listOf(string),
  ...standing,
});

const boundary: Field<TrustedBoundary> = object({ publicKey: signingKeyText, name: identifier, ...standing });

const trustMembers = object({
  approvers: keyedBy(inOrder(approver), ({ publicKey }) => publicKey),
  services: keyedBy(inOrder(service), ({ publicKey }) => publicKey),
  boundaries: keyedBy(inOrder(boundary), ({ publicKey }) => publicKey),
  policies: mapOf(digest, inOrder(object(validity))),
});

/**
 * Reads members that were parsed already. Fails with the codes of members and of keys, `keyid_mismatch`, and `bad_value` for a
 * keyid that stands in two of the maps.
 */
export function parseTrustMembers(value: Json): Result<TrustMembers> {
  const sound = checkJson(value);
  const members = named('members', sound.ok ? trustMembers(value) : sound);
  if (!members.ok) return members;
  const { approvers, services, boundaries } = members.value;
  const isTwice = (keyid: string) =>
    approvers.has(keyid) ? services.has(keyid) || boundaries.has(keyid) : services.has(keyid) && boundaries.has(keyid);
  const twice = [...approvers.keys(), ...services.keys()].find(isTwice);
  return twice === undefined ? members : fail('bad_value', `members lists ${twice} as two things`);
}

/** The document. Throws TypeError naming what is wrong with it: the caller made it. */
export function formatTrustMembers(members: TrustMembers): JsonObject {
  const document = {
    approvers: documents(members.approvers, keyDocument),
    services: documents(members.services, ({ attests, ...rest }) => ({
      ...keyDocument(rest),
      attests: documents(attests, (roles) => roles),
    })),
    boundaries: documents(members.boundaries, keyDocument),
    policies: documents(members.policies, (policy) => policy),
  };
  const read = parseTrustMembers(document);
  if (!read.ok) throw new TypeError(`${read.detail} (${read.code})`);
  return document;
}

function keyDocument({ publicKey, ...rest }: ListedKey): JsonObject {
  return { ...rest, publicKey: base64Encode(publicKey.spki) };
}

function documents<T>(items: ReadonlyMap<string, T>, document: (item: T) => Json): JsonObject {
  return Object.fromEntries([...items].map(([name, item]) => [name, document(item)]));
}
