/** The public interface: every export by name, so that nothing becomes public by accident. */
export {
  APPROVAL_PAYLOAD_TYPE,
  APPROVAL_TYPE,
  type ApprovalMethod,
  ATTESTED_METHODS,
  type Attestation,
  type AttestedMethod,
  DECISIONS,
  type Decision,
  formatStatement,
  parseStatement,
  type Statement,
  statementDigest,
} from './approval.ts';
export {
  type ApprovalPolicy,
  formatPolicy,
  MAX_POLICY_BYTES,
  POLICY_EFFECTS,
  POLICY_TYPE,
  type PolicyEffect,
  type PolicyRequirement,
  type PolicyRule,
  parsePolicy,
  policyDigest,
} from './approval-policy.ts';
export { base64Decode, base64Encode, base64urlDecode, base64urlEncode } from './base64.ts';
export type { BoundaryPins, BoundaryRecord } from './boundary.ts';
export {
  compareBytes,
  concatBytes,
  equalBytes,
  hasLoneSurrogate,
  hexDecode,
  hexEncode,
  utf8Decode,
  utf8Encode,
} from './bytes.ts';
export { canonicalBytes, canonicalJson, parseCanonicalJson } from './canonical-json.ts';
export { type CborKey, type CborMap, type CborValue, decodeCbor } from './cbor.ts';
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
export { type Classification, classify } from './classify.ts';
export {
  type ComparedHead,
  type ComparedHeads,
  compareHeads,
  type UnverifiedHead,
  type UnverifiedHeads,
} from './compare-heads.ts';
export { type ConsistencyEvidence, checkConsistency, consistencyNodes, proveConsistency } from './consistency.ts';
export {
  CONSUMPTION_PAYLOAD_TYPE,
  CONSUMPTION_TYPE,
  type Consumption,
  createAttempt,
  formatConsumption,
  parseConsumption,
} from './consumption.ts';
export { type ContentEvidence, checkContent, type UnverifiedContent } from './content.ts';
export type { Disclosed, UnverifiedParts } from './content-parts.ts';
export { coseKeyToSpki } from './cose-key.ts';
export {
  type CosignatureEvidence,
  checkCosignature,
  cosignatureMessage,
  formatTimestampedSignature,
  mlDsaCosignatureMessage,
  type UncountedCosignature,
  type VerifiedCosignature,
  verifyCosignatures,
} from './cosignature.ts';
export {
  COSIGNATURE_ED25519,
  COSIGNATURE_ML_DSA_44,
  type Cosigner,
  formatCosignerVkey,
  parseCosignerVkey,
} from './cosigner-key.ts';
export { parseDecimal } from './decimal.ts';
export {
  type Envelope,
  type EnvelopeSignature,
  formatEnvelope,
  MAX_SIGNATURES,
  parseEnvelope,
  preAuthEncoding,
  type VerifiedSignature,
  verifyEnvelope,
  type WebauthnParts,
} from './dsse.ts';
export { ecdsaDerToP1363 } from './ecdsa-signature.ts';
export { isStrictPoint, isStrictSignature } from './ed25519-point.ts';
export {
  ENTRY_KINDS,
  ENTRY_TYPE,
  type Entry,
  type EntryKind,
  formatEntry,
  formatEntryAround,
  formatEntryAroundSealed,
  formatSealedEntry,
  type OpenEntry,
  parseEntry,
  type SealedEntry,
} from './entry.ts';
export { formatBundle, formatBundlePath, MAX_ENTRY_SIZE, parseBundle, parseBundlePath } from './entry-bundle.ts';
export { compareExactDecimals } from './exact-decimal.ts';
export { FAILURE_CODES, type FailureCode } from './failure-codes.ts';
export {
  FOREIGN_PAYLOAD_TYPES,
  foreignDigest,
  foreignSystem,
  isForeignPayloadType,
  parseForeignEnvelope,
} from './foreign-content.ts';
export { authorize, type GateDecision, type GateInput } from './gate.ts';
export {
  checkInclusion,
  type InclusionEvidence,
  inclusionNodes,
  inclusionRoot,
  proveInclusion,
} from './inclusion.ts';
export { createIntent, displayDigest, INTENT_TYPE, type Intent, intentDigest, parseIntent } from './intent.ts';
export { type Json, type JsonLimits, type JsonObject, parseJson } from './json.ts';
export {
  bareKeyPolicy,
  formatLogPolicy,
  type LogPolicy,
  NO_QUORUM,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
  parseLogPolicy,
} from './log-policy.ts';
export { MemoryTree } from './memory-tree.ts';
export {
  emptyRoot,
  foldRoot,
  HASH_SIZE,
  type HashReader,
  leafHash,
  type NodeId,
  nodeHash,
  rangeNodes,
  rootNodes,
  splitPoint,
  treeRoot,
} from './merkle.ts';
export { attachConsumption, closeReceipt, openReceipt } from './open-receipt.ts';
export {
  type AllowedCredential,
  type AssertionResponse,
  envelopeSignatureFromAssertion,
  type PasskeyRequest,
  passkeyRequest,
} from './passkey-request.ts';
export { type Comparison, type Condition, evaluateCondition } from './policy-conditions.ts';
export { matchesPattern } from './policy-pattern.ts';
export {
  type Primitives,
  type PublicKey,
  type SignatureAlgorithm,
  type VerifyMlDsa44,
  type VerifySignature,
  webCryptoPrimitives,
  withMlDsa44,
} from './primitives.ts';
export { evaluateQuorum, type QuorumEvaluation, type QuorumGap } from './quorum.ts';
export {
  type Disclosures,
  formatReceipt,
  MAX_RECEIPT_BYTES,
  parseReceipt,
  RECEIPT_TYPE,
  type Receipt,
} from './receipt.ts';
export {
  type ApprovalFacts,
  CHECK_IDS,
  CHECK_TITLES,
  type Check,
  type CheckId,
  type ConsumptionFacts,
  type CountedApprovalFacts,
  EVIDENCE_CHECK_IDS,
  type ForeignFacts,
  type ListedAs,
  type LogFacts,
  NO_QUORUM_TITLE,
  REPORT_TYPE,
  type Report,
  type SignerFacts,
  type TrustRootFacts,
  type Verdict,
  type VerifiedApprovalFacts,
  type WitnessFacts,
} from './report.ts';
export { checkApprovals, checkTerms } from './requirements.ts';
export { type Failure, fail, ok, type Result } from './result.ts';
export { checkRetiredKey, type UnverifiedGrowth } from './retired-key.ts';
export { checkCommitment, createSalt, parseSalt, SALT_SIZE, sealCanonical, sealContent } from './sealed.ts';
export { type Sha256, sha256 } from './sha256.ts';
export { checkSignature } from './signature.ts';
export {
  formatNote,
  formatSignatureLine,
  type Note,
  type NoteSignature,
  parseNote,
  verifyNote,
} from './signed-note.ts';
export { ed25519Spki, keyidOf, mlDsa44Spki, p256Spki, parsePublicKey, rsaSpki } from './spki.ts';
export {
  formatTilePath,
  nodeInTile,
  nodeTile,
  parseTilePath,
  partialTiles,
  TILE_HEIGHT,
  TILE_WIDTH,
  type Tile,
  tileWidthAt,
} from './tile.ts';
export { TileHashReader, type TileSource } from './tile-hash-reader.ts';
export { formatTime, parseTime } from './time.ts';
export { formatTlogProof, parseTlogProof, type TlogProof } from './tlog-proof.ts';
export {
  formatSignedTreeHead,
  formatTreeHead,
  parseSignedTreeHead,
  type TreeHead,
  type UnverifiedTreeHead,
  verifySignedTreeHead,
} from './tree-head.ts';
export {
  formatTrustVersion,
  type PinnedTrustRoot,
  type VerifiedTrustRoot,
  verifyTrustRoot,
} from './trust-chain.ts';
export type { CountedApproval } from './trust-check.ts';
export { checkHistory } from './trust-history.ts';
export {
  isPolicyListed,
  isPolicyListedNow,
  listedBoundary,
  listedKey,
  type Moments,
  newestVersion,
  versionInForce,
} from './trust-lookup.ts';
export { formatTrustMembers, parseTrustMembers } from './trust-members.ts';
export {
  formatTrustRoot,
  type ListedKey,
  type ListedPolicy,
  MAX_THRESHOLD,
  parseTrustRoot,
  type Revocation,
  type RootKeys,
  TRUST_ROOT_PAYLOAD_TYPE,
  TRUST_ROOT_TYPE,
  type TrustChain,
  type TrustedApprover,
  type TrustedBoundary,
  type TrustedService,
  type TrustMembers,
  type TrustRoot,
  type TrustVersion,
  trustRootDigest,
} from './trust-root.ts';
export { checkSuccession, type DigestedTrustRoot } from './trust-succession.ts';
export { checkPasskeyOrigin } from './trusted-origin.ts';

export {
  type HeadFacts,
  type LogProofOptions,
  type LogProofReport,
  verifyCheckpoint,
  verifyTlogProof,
} from './verify-checkpoint.ts';
export { type VerifyOptions, verifyReceipt } from './verify-receipt.ts';
export { formatVkey, NOTE_ED25519, type NoteVerifier, noteKeyId, parseVkey } from './vkey.ts';
export {
  type Assertion,
  type AuthenticatorData,
  type AuthenticatorFlags,
  type ClientData,
  parseAuthenticatorData,
  parseClientData,
  type UnverifiedAssertion,
  verifyAssertion,
} from './webauthn.ts';
