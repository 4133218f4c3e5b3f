/**
 * The closed list of codes with which a check says why it failed or could not be made.
 * A code never changes its meaning; a new reason gets a new code.
 */
export const FAILURE_CODES = [
  // Bytes, text and JSON
  'too_large',
  'not_utf8',
  'bad_base64',
  'bad_hex',
  'json_syntax',
  'json_duplicate_key',
  'json_lone_surrogate',
  'json_number',
  'json_too_deep',
  'json_not_canonical',
  // Members of our own documents
  'wrong_type',
  'missing_member',
  'unknown_member',
  'bad_value',
  'bad_identifier',
  'bad_time',
  'unsupported',
  // Merkle tree, tiles
  'index_out_of_range',
  'inclusion_length',
  'inclusion_mismatch',
  'consistency_length',
  'consistency_mismatch',
  'hash_length',
  'tile_malformed',
  'bundle_malformed',
  // Notes, checkpoints, proofs
  'note_malformed',
  'vkey_malformed',
  'note_signature_invalid',
  'log_signature_missing',
  'checkpoint_malformed',
  'origin_mismatch',
  'proof_malformed',
  'log_policy_malformed',
  'own_cosignature',
  // Keys and signatures
  'key_malformed',
  'key_unsupported',
  'keyid_mismatch',
  'signature_malformed',
  'signature_invalid',
  'signatures_unsorted',
  'signatures_count',
  // Passkey assertions
  'cbor_malformed',
  'client_data_malformed',
  'client_data_type',
  'challenge_mismatch',
  'nonce_length',
  'authenticator_data_malformed',
  'user_not_present',
  'backup_state_invalid',
  'attested_data_present',
  // What was decided
  'kind_mismatch',
  'commitment_mismatch',
  'log_mismatch',
  'intent_mismatch',
  'display_mismatch',
  'policy_mismatch',
  'not_approved',
  'not_yet_valid',
  'expired',
  'attested_out_of_window',
  'wrong_signer',
  // A check that was not made
  'premise_failed',
  'no_log_key',
  'no_caller_intent',
  'no_time',
  'no_trust_root',
  'no_policy',
  'no_boundary',
  'sealed',
  'not_an_approval',
  'quorum_not_reached',
  // A check that passed with a reservation
  'no_quorum',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];
