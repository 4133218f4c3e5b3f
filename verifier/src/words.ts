/**
 * Each failure code in words, twice: for the person who is shown it, and for the developer who has to do something about it.
 *
 *     import { wordsFor } from '@assent/verifier/words';
 *     wordsFor('intent_mismatch').person    // 'This approval is for a different action.'
 *
 * They stand apart from the verifier, which needs none of them: a check's own `detail` says what was found, these say what that
 * means. The person's sentence says what it means to them and names no format, algorithm or field; the developer's says which
 * rule was broken, or what to give.
 */
import type { FailureCode } from './failure-codes.ts';

export type Words = { readonly person: string; readonly developer: string };

export function wordsFor(code: FailureCode): Words {
  return WORDS[code];
}

export const WORDS: Readonly<Record<FailureCode, Words>> = {
  // Bytes, text and JSON
  too_large: {
    person: 'Something in this file is larger than it may be.',
    developer: 'A document, text or list exceeds the cap that its format sets; the caps are in docs/formats.md.',
  },
  not_utf8: {
    person: 'This file is damaged: part of it is not readable text.',
    developer: 'The bytes are not well-formed UTF-8; read and pass files as bytes, and never re-encode them.',
  },
  bad_base64: {
    person: 'This file is damaged: part of it cannot be decoded.',
    developer:
      'A value is not strict base64 or base64url: exact padding, the one alphabet, no white space, zero trailing bits.',
  },
  bad_hex: {
    person: 'This file is damaged: part of it cannot be decoded.',
    developer: 'A value is not lower-case hexadecimal with an even number of digits.',
  },
  json_syntax: {
    person: 'This file is damaged, or it is not the kind of file that is expected here.',
    developer: 'The text is not JSON by RFC 8259; the detail says at which character.',
  },
  json_duplicate_key: {
    person: 'This file says the same thing twice, and could be read in two ways.',
    developer: 'An object has the same key twice, however it is escaped, so two parsers could read two values.',
  },
  json_lone_surrogate: {
    person: 'This file is damaged: it holds half of a character.',
    developer: 'A string holds an unpaired UTF-16 surrogate, which has no UTF-8 and cannot be hashed.',
  },
  json_number: {
    person: 'A number in this file would not keep its exact value.',
    developer: 'A number is minus zero, or changes its value as a double; write decimals as strings.',
  },
  json_too_deep: {
    person: 'This file is built in a way that no honest one needs.',
    developer: 'Objects and arrays are nested deeper than the format allows (32, and 64 in a receipt).',
  },
  json_not_canonical: {
    person: 'This record is not in the exact form in which it would have been signed.',
    developer:
      'The bytes are not the RFC 8785 form of what they say: hash and sign the canonical form, and pass on the same bytes.',
  },
  // Members of our own documents
  wrong_type: {
    person: 'Part of this record has the wrong form.',
    developer: 'A member has another JSON type than its format says.',
  },
  missing_member: {
    person: 'Part of this record is missing.',
    developer: 'A member that the format requires, or that another member depends on, is not there.',
  },
  unknown_member: {
    person: 'This record holds something that does not belong there.',
    developer: 'A member is not defined by the format, or not in this place; formats change only with their type.',
  },
  bad_value: {
    person: 'Part of this record has a value that is not allowed.',
    developer: 'A member has the right type and a value outside of what its format allows.',
  },
  bad_identifier: {
    person: 'A name in this record is not written as names have to be.',
    developer: 'An identifier is not 1 to 128 of A-Z a-z 0-9 . _ : / @ + -, or holds a slash where none may be.',
  },
  bad_time: {
    person: 'A date or time in this record is not a real one.',
    developer: 'A time is not in the form 2026-04-03T17:00:00.000Z, does not exist, or is out of range.',
  },
  unsupported: {
    person: 'This was made for a newer version of this program, or needs something that this device lacks.',
    developer:
      'A type, version or algorithm is not known here: update the verifier, or inject primitives that have the algorithm.',
  },
  // Merkle tree, tiles
  index_out_of_range: {
    person: 'This receipt points to a place in the log that does not exist.',
    developer: 'An index is not below the tree size, or a tree is larger than the one that should contain it.',
  },
  inclusion_length: {
    person: 'The proof that this is in the log is incomplete or padded.',
    developer: 'The inclusion proof has more or fewer hashes than a tree of this size needs for this index.',
  },
  inclusion_mismatch: {
    person: 'This record is not in the log as it stands here: it was changed, or never logged.',
    developer: 'Leaf hash and inclusion proof do not lead to the root of the tree head.',
  },
  consistency_length: {
    person: 'The proof that the log only grew is incomplete or padded.',
    developer: 'The consistency proof has more or fewer hashes than trees of these sizes need.',
  },
  consistency_mismatch: {
    person: 'It is not shown that the newer state of the log contains the older one.',
    developer:
      'The consistency proof does not lead to both roots: the proof is of other trees, or the log rewrote its history.',
  },
  hash_length: {
    person: 'A fingerprint in this proof has the wrong length.',
    developer: 'A hash is not exactly 32 bytes.',
  },
  tile_malformed: {
    person: 'An address within the log is not written as it has to be.',
    developer: 'A path is not the one path of a tile or bundle by C2SP tlog-tiles.',
  },
  bundle_malformed: {
    person: 'A part of the log arrived incomplete.',
    developer: 'An entry bundle is cut short, empty, or has another number of entries than its width says.',
  },
  // Notes, checkpoints, proofs
  note_malformed: {
    person: 'The signed statement about the log cannot be read.',
    developer: 'The checkpoint is not a signed note by C2SP signed-note: text, an empty line, signature lines.',
  },
  vkey_malformed: {
    person: 'The key that was given for a log or witness is mistyped.',
    developer: 'A verifier key is not name+hash+key, or its hash does not fit name and key; copy it again.',
  },
  note_signature_invalid: {
    person: 'Somebody changed the statement about the log, or forged the signature of the log.',
    developer: 'A signature line by a pinned log key does not verify over the note text.',
  },
  log_signature_missing: {
    person: 'The log that you trust did not sign this.',
    developer: 'No signature line under the checkpoint is by a key that was given for this origin.',
  },
  checkpoint_malformed: {
    person: 'The signed statement about the log is not one.',
    developer:
      'The note text is not a checkpoint: origin, canonical size, base64 of a 32-byte root, no empty extension line.',
  },
  origin_mismatch: {
    person: 'This comes from a different log than the ones that you trust.',
    developer: "The checkpoint's origin is the name of none of the given log keys.",
  },
  heads_consistent: {
    person: 'This file accuses a log, and what it holds shows nothing wrong.',
    developer: 'The two heads of a proof of misbehaviour are of one tree; it takes two that no tree has both.',
  },
  proof_malformed: {
    person: 'The proof that this is in the log cannot be read.',
    developer: 'The proof is not a c2sp.org/tlog-proof@v1: header, index line, base64 hashes, empty line, checkpoint.',
  },
  log_policy_malformed: {
    person: 'The list of logs and witnesses that you trust cannot be read.',
    developer: 'The text is not a C2SP tlog-policy; the detail names the line.',
  },
  own_cosignature: {
    person: 'The log cannot be a witness of itself.',
    developer: "A cosigner has the log's name or key; its lines never count toward the quorum.",
  },
  // Keys and signatures
  key_malformed: {
    person: 'A key in this record is damaged or unsafe.',
    developer: 'A public key is not the one encoding that is accepted, is off its curve, or is a point of small order.',
  },
  key_unsupported: {
    person: 'This was signed with a kind of key that is not accepted here.',
    developer: 'A key has another algorithm, curve or size than its place allows; RSA keys sign as passkeys only.',
  },
  keyid_mismatch: {
    person: 'A key in this record is not the one that it claims to be.',
    developer: 'A keyid is not "sha256:" and the hash of the SPKI that stands beside it.',
  },
  signature_malformed: {
    person: 'A signature in this record is damaged.',
    developer: 'A signature has the wrong length or encoding: strict DER for ECDSA, S < L and a strict R for Ed25519.',
  },
  signature_invalid: {
    person: 'A signature does not match: this was changed after it was signed, or somebody else signed it.',
    developer: 'A signature does not verify under its key over the bytes that its format says are signed.',
  },
  signatures_unsorted: {
    person: 'The signatures in this record are not in their order, or one is there twice.',
    developer: 'Signatures of an envelope have to be sorted by keyid, each keyid once.',
  },
  signatures_count: {
    person: 'This record has no signature, or too many of them.',
    developer: 'An envelope has 1 to 16 signatures.',
  },
  // Passkey assertions
  cbor_malformed: {
    person: 'What the passkey sent is damaged.',
    developer: 'A COSE key or the extensions are not CBOR in the CTAP2 canonical form.',
  },
  client_data_malformed: {
    person: 'What the browser signed with the passkey is damaged.',
    developer: 'clientDataJSON is not strict JSON with type, challenge (base64url) and origin of the right types.',
  },
  client_data_type: {
    person: 'A passkey was used for something else than approving.',
    developer: 'The type in clientDataJSON is not webauthn.get.',
  },
  challenge_mismatch: {
    person: 'The passkey approved something else than this.',
    developer: 'The challenge in clientDataJSON is not the nonce and the hash of the signed bytes.',
  },
  nonce_length: {
    person: 'What the passkey signed was put together wrongly.',
    developer: 'The nonce of a passkey signature has 16 to 64 bytes.',
  },
  authenticator_data_malformed: {
    person: 'What the passkey sent is damaged.',
    developer: 'The authenticator data has fewer than 37 bytes, or bytes that its flags do not announce.',
  },
  user_not_present: {
    person: 'Nobody touched the device that signed this.',
    developer: 'The UP flag of the authenticator data is not set.',
  },
  backup_state_invalid: {
    person: 'What the passkey says about itself contradicts itself.',
    developer: 'The BS flag of the authenticator data is set and BE is not.',
  },
  attested_data_present: {
    person: 'This is the making of a passkey, not an approval with one.',
    developer: 'The AT flag is set: attested credential data has no place in an assertion.',
  },
  // What was decided
  kind_mismatch: {
    person: 'This record is filed as something that it is not.',
    developer:
      "The entry's kind is not that of its payload type, or a consumption is expected and something else is there.",
  },
  commitment_mismatch: {
    person: 'What is shown here is not what was sealed in the log.',
    developer: 'SHA-256(salt ‖ JCS(content)) is not the commitment: content or salt is another.',
  },
  log_mismatch: {
    person: 'This approval was made for a different log, and counts only there.',
    developer: "The statement's log, or the log of the consumption, is not the origin of the checkpoint.",
  },
  intent_mismatch: {
    person: 'This approval is for a different action.',
    developer: 'The digest of the intent, or its action, connector or schema, is not the one that was signed.',
  },
  display_mismatch: {
    person: 'This is not the text that the approver was shown.',
    developer:
      'SHA-256(salt of the intent ‖ text) is not the display digest of the statement, or the statement has none.',
  },
  policy_mismatch: {
    person: 'This is not the policy under which it was approved.',
    developer: "The digest of the policy's text is not the one in the statement, or the statement names none.",
  },
  not_approved: {
    person: 'This was not approved.',
    developer: 'The decision is rejected or expired, and only an approval can satisfy a policy.',
  },
  not_yet_valid: {
    person: 'This was recorded before it was issued.',
    developer: 'logged_at is more than 60 seconds before issued_at.',
  },
  expired: {
    person: 'This approval has expired.',
    developer: 'logged_at, the consumption, or the time that the caller gave is not before expires_at.',
  },
  attested_out_of_window: {
    person: 'Somebody confirmed this at a time that does not fit.',
    developer: 'The time of an attested item is not between issued_at and logged_at, give or take 60 seconds.',
  },
  wrong_signer: {
    person: 'This was signed by somebody whose signature does not count for it.',
    developer: 'The kind of signer does not fit: key for passkey, a boundary for an approver, or too many signers.',
  },
  // Trust roots
  organization_mismatch: {
    person: 'This approval was made for a different organization.',
    developer: "The statement's organization is not the root id that you pinned.",
  },
  trust_chain_broken: {
    person: 'The list of who may approve is incomplete or not the one that you trust.',
    developer:
      'Versions of the trust root do not lead from the pinned root id: one is missing, or names another previous.',
  },
  trust_forked: {
    person: 'There are two different lists of who may approve, and both are signed: ask your organization.',
    developer: 'Two different payloads of one version have enough signatures; somebody with root keys signed twice.',
  },
  trust_history_changed: {
    person: 'The list of who may approve takes back what it said before.',
    developer: 'A version drops a key, changes what is fixed, undoes or softens a revocation, or is issued no later.',
  },
  threshold_not_met: {
    person: 'The list of who may approve is not signed by enough of those in charge.',
    developer: 'Fewer root keys signed than the threshold of this version, or of the one before, asks for.',
  },
  trust_not_in_force: {
    person: 'When this was recorded, nobody had been named who may approve.',
    developer: 'No version of the trust root has issued_at at or before logged_at (or seen_by).',
  },
  trust_expired: {
    person: 'The list of who may approve is out of date: get the newest one.',
    developer: "The newest version that you have is past its expires_at at the caller's time.",
  },
  signer_not_listed: {
    person: 'Nobody signed this who may approve for your organization.',
    developer: 'No signer, or not this key, is listed by the version of the trust root in force at the time.',
  },
  signer_origin: {
    person: 'This was signed on a website that is not one of your organization: it may be phishing.',
    developer: 'Origin, RP ID hash or the frame of a passkey is not listed for this approver.',
  },
  key_not_valid: {
    person: 'The key that signed this was not valid at the time.',
    developer: 'logged_at or seen_by is outside valid_from to valid_until of the listed key or policy.',
  },
  key_retired: {
    person: 'The key that signed this had been retired.',
    developer: 'A signer was retired at or before logged_at (or seen_by).',
  },
  key_compromised: {
    person: 'The key that signed this may have been in the wrong hands.',
    developer: 'A signer is listed as compromised, and the entry was first seen at or after since.',
  },
  schema_mismatch: {
    person: 'The system that would run this has changed since it was approved.',
    developer: "The schema digest in the statement is not the connector's current one.",
  },
  // Its one use
  boundary_mismatch: {
    person: 'This approval is not for the system that is about to run it.',
    developer: "The statement's boundaries do not list the keyid of this boundary.",
  },
  consumption_mismatch: {
    person: 'A different approval or action was marked as used.',
    developer: 'The consumption or record names another statement, intent, or boundary name.',
  },
  consumption_order: {
    person: 'This was marked as used before it was approved.',
    developer: 'The index of the consumption is not above that of the approval.',
  },
  consumed: {
    person: 'This approval has been used already.',
    developer: 'It was consumed by another boundary or attempt, or was dispatched by your own record: do not run it.',
  },
  // Approval policies
  condition_error: {
    person: 'The rules could not be applied, because a detail of the action is missing or unclear.',
    developer:
      'A condition has no text or decimal at its path in the intent; an error never falls through to another rule.',
  },
  no_rule_matches: {
    person: 'No rule of your organization allows this action.',
    developer: 'No rule of the policy matches action, connector and conditions; what no rule matches is denied.',
  },
  denied: {
    person: 'The rules of your organization forbid this action.',
    developer: 'The first rule that matches has the effect deny.',
  },
  policy_not_accepted: {
    person: 'This was approved under different rules than those that hold here.',
    developer: "The statement's policy digest is neither your policy nor one that its rule accepts.",
  },
  rule_mismatch: {
    person: 'This was approved under a rule that does not apply to it.',
    developer: "The statement's policy.rule is not the id of the first rule that matches the intent.",
  },
  use_mismatch: {
    person: 'This approval allows more uses than the rules do.',
    developer: "The statement's use is not the one that the rule asks for; the default is single.",
  },
  ttl_too_long: {
    person: 'This approval lasts longer than the rules allow.',
    developer: 'expires_at - issued_at is over the max_ttl_seconds of the rule.',
  },
  policy_not_listed: {
    person: 'The rules under which this was approved were not in force for your organization.',
    developer: "The trust root does not list the statement's policy as valid at logged_at (or seen_by).",
  },
  own_policy_not_listed: {
    person: 'The rules that you use here are not in force for your organization.',
    developer:
      'The newest version of the trust root does not list your policy as valid, so it cannot accept another one.',
  },
  approvals_missing: {
    person: 'Not enough people have approved this.',
    developer: 'Fewer distinct holders with a listed role approved than the rule asks for; the detail counts them.',
  },
  roles_missing: {
    person: 'People in different roles have to approve this, and one of the roles is missing.',
    developer: 'distinct_roles: there is no assignment in which a different holder fills each role.',
  },
  method_not_allowed: {
    person: 'This was approved in a way that the rules do not accept.',
    developer: 'Enough people approved, but by methods that the rule does not list; the default is passkey alone.',
  },
  user_not_verified: {
    person: 'The device did not check who was using it when this was approved.',
    developer: 'The UV flag is not set, and the rule asks for user verification (the default).',
  },
  // A check that was not made
  premise_failed: {
    person: 'This could not be checked, because something before it failed.',
    developer: 'The check needs the result of an earlier one that failed or was skipped: look at that one.',
  },
  no_log_key: {
    person: 'Nobody has said which log to trust.',
    developer: 'Give logKeys or a logPolicy, from a source that is not the receipt.',
  },
  no_caller_intent: {
    person: 'It was not compared with the action that is about to run.',
    developer: 'Give the intent that you are about to dispatch.',
  },
  no_time: {
    person: 'Nobody has said at which time this is to count.',
    developer: 'Give at, in milliseconds; a gate gives the present.',
  },
  no_trust_root: {
    person: 'Nobody has said who may approve.',
    developer: 'Give trustRoot with its versions; what a receipt carries confers nothing.',
  },
  no_organization: {
    person: 'This approval does not say for which organization it was made.',
    developer: 'The statement has no organization, so no trust root speaks for it: authentic at best.',
  },
  no_policy: {
    person: 'Nobody has said whose approval is needed.',
    developer: 'Give approvalPolicy; what a receipt carries confers nothing.',
  },
  policy_not_named: {
    person: 'This approval does not say under which rules it was made.',
    developer: 'The statement has no policy member, so it satisfies none.',
  },
  no_intent: {
    person: 'The details of the action are not here, so the rules cannot be applied.',
    developer: 'Conditions need the intent: disclose it, reveal it, or give your own that matches.',
  },
  no_boundary: {
    person: 'Nobody has said which system is about to run this.',
    developer: 'Give boundary with its keyid, and the attempt or the record of it.',
  },
  not_consumed: {
    person: 'It is not shown that this approval was reserved for this one use.',
    developer: 'The receipt has no consumption: post one to the log, and attach its receipt.',
  },
  sealed: {
    person: 'What was decided is sealed, and nobody has opened it here.',
    developer: 'The entry holds a commitment: disclose content and salt to open it.',
  },
  not_an_approval: {
    person: 'This record is something else than an approval.',
    developer: 'The entry holds a consumption, a trust root, or a payload that this version cannot read.',
  },
  foreign_payload: {
    person: 'This comes from another system, and can show only what that system records.',
    developer: 'Evidence of other systems is authentic at best; report.foreign says what its format cannot prove.',
  },
  quorum_not_reached: {
    person: 'Not enough independent witnesses have seen this yet: try again in a moment.',
    developer: 'The cosignatures do not meet the quorum of the log policy; get a newer receipt from the log.',
  },
  // A check that passed with a reservation
  no_quorum: {
    person: 'Only the log itself vouches for this: no independent witnesses were asked for.',
    developer: 'The quorum is none; give a logPolicy with witnesses to learn when others saw it.',
  },
};
