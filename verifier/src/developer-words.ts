/** Each failure code for the developer who has to do something about it: which rule was broken, or what to give. */
import type { FailureCode } from './failure-codes.ts';

export const DEVELOPER_WORDS: Readonly<Record<FailureCode, string>> = {
  // Bytes, text and JSON
  too_large: 'A document, text or list exceeds the cap that its format sets; the caps are in docs/formats.md.',
  not_utf8: 'The bytes are not well-formed UTF-8; read and pass files as bytes, and never re-encode them.',
  bad_base64:
    'A value is not strict base64 or base64url: exact padding, the one alphabet, no white space, zero trailing bits.',
  bad_hex: 'A value is not lower-case hexadecimal with an even number of digits.',
  json_syntax: 'The text is not JSON by RFC 8259; the detail says at which character.',
  json_duplicate_key: 'An object has the same key twice, however it is escaped, so two parsers could read two values.',
  json_lone_surrogate: 'A string holds an unpaired UTF-16 surrogate, which has no UTF-8 and cannot be hashed.',
  json_number: 'A number is minus zero, or changes its value as a double; write decimals as strings.',
  json_too_deep: 'Objects and arrays are nested deeper than the format allows (32, and 64 in a receipt).',
  json_not_canonical:
    'The bytes are not the RFC 8785 form of what they say: hash and sign the canonical form, and pass on the same bytes.',
  // Members of our own documents
  wrong_type: 'A member has another JSON type than its format says.',
  missing_member: 'A member that the format requires, or that another member depends on, is not there.',
  unknown_member: 'A member is not defined by the format, or not in this place; formats change only with their type.',
  bad_value: 'A member has the right type and a value outside of what its format allows.',
  bad_identifier: 'An identifier is not 1 to 128 of A-Z a-z 0-9 . _ : / @ + -, or holds a slash where none may be.',
  bad_time: 'A time is not in the form 2026-04-03T17:00:00.000Z, does not exist, or is out of range.',
  unsupported:
    'A type, version or algorithm is not known here: update the verifier, or inject primitives that have the algorithm.',
  // Merkle tree, tiles
  index_out_of_range: 'An index is not below the tree size, or a tree is larger than the one that should contain it.',
  inclusion_length: 'The inclusion proof has more or fewer hashes than a tree of this size needs for this index.',
  inclusion_mismatch: 'Leaf hash and inclusion proof do not lead to the root of the tree head.',
  consistency_length: 'The consistency proof has more or fewer hashes than trees of these sizes need.',
  consistency_mismatch:
    'The consistency proof does not lead to both roots: the proof is of other trees, or the log rewrote its history.',
  hash_length: 'A hash is not exactly 32 bytes.',
  tile_malformed: 'A path is not the one path of a tile or bundle by C2SP tlog-tiles.',
  bundle_malformed: 'An entry bundle is cut short, empty, or has another number of entries than its width says.',
  // Notes, checkpoints, proofs
  note_malformed: 'The checkpoint is not a signed note by C2SP signed-note: text, an empty line, signature lines.',
  vkey_malformed: 'A verifier key is not name+hash+key, or its hash does not fit name and key; copy it again.',
  note_signature_invalid: 'A signature line by a pinned log key does not verify over the note text.',
  log_signature_missing: 'No signature line under the checkpoint is by a key that was given for this origin.',
  checkpoint_malformed:
    'The note text is not a checkpoint: origin, canonical size, base64 of a 32-byte root, no empty extension line.',
  origin_mismatch: "The checkpoint's origin is the name of none of the given log keys.",
  heads_consistent: 'The two heads of a proof of misbehaviour are of one tree; it takes two that no tree has both.',
  proof_malformed:
    'The proof is not a c2sp.org/tlog-proof@v1: header, index line, base64 hashes, empty line, checkpoint.',
  log_policy_malformed: 'The text is not a C2SP tlog-policy; the detail names the line.',
  own_cosignature: "A cosigner has the log's name or key; its lines never count toward the quorum.",
  // Keys and signatures
  key_malformed:
    'A public key is not the one encoding that is accepted, is off its curve, or is a point of small order.',
  key_unsupported: 'A key has another algorithm, curve or size than its place allows; RSA keys sign as passkeys only.',
  keyid_mismatch: 'A keyid is not "sha256:" and the hash of the SPKI that stands beside it.',
  signature_malformed:
    'A signature has the wrong length or encoding: strict DER for ECDSA, S < L and a strict R for Ed25519.',
  signature_invalid: 'A signature does not verify under its key over the bytes that its format says are signed.',
  signatures_unsorted: 'Signatures of an envelope have to be sorted by keyid, each keyid once.',
  signatures_count: 'An envelope has 1 to 16 signatures.',
  // Passkey assertions
  cbor_malformed: 'A COSE key or the extensions are not CBOR in the CTAP2 canonical form.',
  client_data_malformed:
    'clientDataJSON is not strict JSON with type, challenge (base64url) and origin of the right types.',
  client_data_type: 'The type in clientDataJSON is not webauthn.get.',
  challenge_mismatch: 'The challenge in clientDataJSON is not the nonce and the hash of the signed bytes.',
  nonce_length: 'The nonce of a passkey signature has 16 to 64 bytes.',
  authenticator_data_malformed:
    'The authenticator data has fewer than 37 bytes, or bytes that its flags do not announce.',
  user_not_present: 'The UP flag of the authenticator data is not set.',
  backup_state_invalid: 'The BS flag of the authenticator data is set and BE is not.',
  attested_data_present: 'The AT flag is set: attested credential data has no place in an assertion.',
  // What was decided
  kind_mismatch:
    "The entry's kind is not that of its payload type, or a consumption is expected and something else is there.",
  commitment_mismatch: 'SHA-256(salt ‖ JCS(content)) is not the commitment: content or salt is another.',
  log_mismatch: "The statement's log, or the log of the consumption, is not the origin of the checkpoint.",
  intent_mismatch: 'The digest of the intent, or its action, connector or schema, is not the one that was signed.',
  display_mismatch:
    'SHA-256(salt of the intent ‖ text) is not the display digest of the statement, or the statement has none.',
  policy_mismatch: "The digest of the policy's text is not the one in the statement, or the statement names none.",
  not_approved: 'The decision is rejected or expired, and only an approval can satisfy a policy.',
  not_yet_valid: 'logged_at is more than 60 seconds before issued_at.',
  expired: 'logged_at, the consumption, or the time that the caller gave is not before expires_at.',
  attested_out_of_window:
    'The time of an attested item is not between issued_at and logged_at, give or take 60 seconds.',
  wrong_signer: 'The kind of signer does not fit: key for passkey, a boundary for an approver, or too many signers.',
  // Trust roots
  organization_mismatch: "The statement's organization is not the root id that you pinned.",
  trust_chain_broken:
    'Versions of the trust root do not lead from the pinned root id: one is missing, or names another previous.',
  trust_forked: 'Two different payloads of one version have enough signatures; somebody with root keys signed twice.',
  trust_history_changed:
    'A version drops a key, changes what is fixed, undoes or softens a revocation, or is issued no later.',
  threshold_not_met: 'Fewer root keys signed than the threshold of this version, or of the one before, asks for.',
  trust_not_in_force: 'No version of the trust root has issued_at at or before logged_at (or seen_by).',
  trust_expired: "The newest version that you have is past its expires_at at the caller's time.",
  signer_not_listed: 'No signer, or not this key, is listed by the version of the trust root in force at the time.',
  signer_origin: 'Origin, RP ID hash or the frame of a passkey is not listed for this approver.',
  key_not_valid: 'logged_at or seen_by is outside valid_from to valid_until of the listed key or policy.',
  key_retired: 'A signer was retired at or before logged_at (or seen_by).',
  key_compromised: 'A signer is listed as compromised, and the entry was first seen at or after since.',
  schema_mismatch: "The schema digest in the statement is not the connector's current one.",
  // Its one use
  boundary_mismatch: "The statement's boundaries do not list the keyid of this boundary.",
  consumption_mismatch: 'The consumption or record names another statement, intent, or boundary name.',
  consumption_order: 'The index of the consumption is not above that of the approval.',
  consumed: 'It was consumed by another boundary or attempt, or was dispatched by your own record: do not run it.',
  // Approval policies
  condition_error:
    'A condition has no text or decimal at its path in the intent; an error never falls through to another rule.',
  no_rule_matches: 'No rule of the policy matches action, connector and conditions; what no rule matches is denied.',
  denied: 'The first rule that matches has the effect deny.',
  policy_not_accepted: "The statement's policy digest is neither your policy nor one that its rule accepts.",
  rule_mismatch: "The statement's policy.rule is not the id of the first rule that matches the intent.",
  use_mismatch: "The statement's use is not the one that the rule asks for; the default is single.",
  ttl_too_long: 'expires_at - issued_at is over the max_ttl_seconds of the rule.',
  policy_not_listed: "The trust root does not list the statement's policy as valid at logged_at (or seen_by).",
  own_policy_not_listed:
    'The newest version of the trust root does not list your policy as valid, so it cannot accept another one.',
  approvals_missing:
    'Fewer distinct holders with a listed role approved than the rule asks for; the detail counts them.',
  roles_missing: 'distinct_roles: there is no assignment in which a different holder fills each role.',
  method_not_allowed:
    'Enough people approved, but by methods that the rule does not list; the default is passkey alone.',
  user_not_verified: 'The UV flag is not set, and the rule asks for user verification (the default).',
  // A check that was not made
  premise_failed: 'The check needs the result of an earlier one that failed or was skipped: look at that one.',
  no_log_key: 'Give logKeys or a logPolicy, from a source that is not the receipt.',
  no_caller_intent: 'Give the intent that you are about to dispatch.',
  no_time: 'Give at, in milliseconds; a gate gives the present.',
  no_trust_root: 'Give trustRoot with its versions; what a receipt carries confers nothing.',
  no_organization: 'The statement has no organization, so no trust root speaks for it: authentic at best.',
  no_policy: 'Give approvalPolicy; what a receipt carries confers nothing.',
  policy_not_named: 'The statement has no policy member, so it satisfies none.',
  no_intent: 'Conditions need the intent: disclose it, reveal it, or give your own that matches.',
  no_boundary: 'Give boundary with its keyid, and the attempt or the record of it.',
  not_consumed: 'The receipt has no consumption: post one to the log, and attach its receipt.',
  sealed: 'The entry holds a commitment: disclose content and salt to open it.',
  not_an_approval: 'The entry holds a consumption, a trust root, or a payload that this version cannot read.',
  foreign_payload: 'Evidence of other systems is authentic at best; report.foreign says what its format cannot prove.',
  quorum_not_reached: 'The cosignatures do not meet the quorum of the log policy; get a newer receipt from the log.',
  // A check that passed with a reservation
  no_quorum: 'The quorum is none; give a logPolicy with witnesses to learn when others saw it.',
};
