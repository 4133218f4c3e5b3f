/**
 * What `assent-verifier.mjs` exports: all that judges evidence, and nothing that makes any. Whoever builds approvals, logs or
 * mirrors takes the package; whoever only verifies can read this one file, keep it, and run it for as long as JavaScript runs.
 */
export { parseStatement, statementDigest } from './approval.ts';
export { parsePolicy, policyDigest } from './approval-policy.ts';
export { base64Decode, base64Encode, base64urlDecode } from './base64.ts';
export { hexDecode, hexEncode, utf8Encode } from './bytes.ts';
export { canonicalJson, parseCanonicalJson } from './canonical-json.ts';
export { decodeCbor } from './cbor.ts';
export { parseCheckpoint } from './checkpoint.ts';
export { classify } from './classify.ts';
export { compareHeads } from './compare-heads.ts';
export { checkConsistency } from './consistency.ts';
export { parseConsumption } from './consumption.ts';
export { coseKeyToSpki } from './cose-key.ts';
export { checkCosignature, verifyCosignatures } from './cosignature.ts';
export { parseCosignerVkey } from './cosigner-key.ts';
export { parseDecimal } from './decimal.ts';
export { parseEnvelope, preAuthEncoding, verifyEnvelope } from './dsse.ts';
export { ecdsaDerToP1363 } from './ecdsa-signature.ts';
export { parseEntry } from './entry.ts';
export { parseBundle, parseBundlePath } from './entry-bundle.ts';
export { authorize } from './gate.ts';
export { checkInclusion } from './inclusion.ts';
export { displayDigest, intentDigest, parseIntent } from './intent.ts';
export { parseJson } from './json.ts';
export { parseLogPolicy } from './log-policy.ts';
export { emptyRoot, leafHash, nodeHash } from './merkle.ts';
export { parseMisbehaviour, verifyMisbehaviour } from './misbehaviour.ts';
export { webCryptoPrimitives, withMlDsa44 } from './primitives.ts';
export { evaluateQuorum } from './quorum.ts';
export { parseReceipt } from './receipt.ts';
export { CHECK_IDS, CHECK_TITLES } from './report.ts';
export { checkCommitment } from './sealed.ts';
export { sha256 } from './sha256.ts';
export { checkSignature } from './signature.ts';
export { parseNote, verifyNote } from './signed-note.ts';
export { parsePublicKey } from './spki.ts';
export { parseTilePath } from './tile.ts';
export { parseTime } from './time.ts';
export { parseTlogProof } from './tlog-proof.ts';
export { verifySignedTreeHead } from './tree-head.ts';
export { verifyTrustRoot } from './trust-chain.ts';
export { parseTrustMembers } from './trust-members.ts';
export { parseTrustRoot, trustRootDigest } from './trust-root.ts';
export { verifyReceipt } from './verify-receipt.ts';
export { parseVkey } from './vkey.ts';
export { parseAuthenticatorData, parseClientData, verifyAssertion } from './webauthn.ts';
