import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as verifier from './index.ts';

/** What is public is decided here, and not by what happens to be exported somewhere. */
const EXPORTS = [
  'APPROVAL_PAYLOAD_TYPE',
  'APPROVAL_TYPE',
  'ATTESTED_METHODS',
  'CHECK_IDS',
  'CHECK_TITLES',
  'COSIGNATURE_ED25519',
  'COSIGNATURE_ML_DSA_44',
  'DECISIONS',
  'ENTRY_KINDS',
  'ENTRY_TYPE',
  'EVIDENCE_CHECK_IDS',
  'FAILURE_CODES',
  'HASH_SIZE',
  'INTENT_TYPE',
  'MAX_ENTRY_SIZE',
  'MAX_RECEIPT_BYTES',
  'MAX_SIGNATURES',
  'MemoryTree',
  'NOTE_ED25519',
  'NO_QUORUM',
  'NO_QUORUM_TITLE',
  'RECEIPT_TYPE',
  'REPORT_TYPE',
  'TILE_HEIGHT',
  'TILE_WIDTH',
  'TileHashReader',
  'bareKeyPolicy',
  'base64Decode',
  'base64Encode',
  'base64urlDecode',
  'base64urlEncode',
  'canonicalBytes',
  'canonicalJson',
  'checkConsistency',
  'checkContent',
  'checkCosignature',
  'checkInclusion',
  'checkSignature',
  'compareBytes',
  'concatBytes',
  'consistencyNodes',
  'coseKeyToSpki',
  'cosignatureMessage',
  'createIntent',
  'decodeCbor',
  'displayDigest',
  'ecdsaDerToP1363',
  'ed25519Spki',
  'emptyRoot',
  'envelopeSignatureFromAssertion',
  'equalBytes',
  'evaluateQuorum',
  'fail',
  'foldRoot',
  'formatBundle',
  'formatBundlePath',
  'formatCheckpoint',
  'formatCosignerVkey',
  'formatEntry',
  'formatEntryAround',
  'formatEnvelope',
  'formatLogPolicy',
  'formatNote',
  'formatReceipt',
  'formatSignatureLine',
  'formatStatement',
  'formatTilePath',
  'formatTime',
  'formatTimestampedSignature',
  'formatTlogProof',
  'formatVkey',
  'hasLoneSurrogate',
  'hexDecode',
  'hexEncode',
  'inclusionNodes',
  'inclusionRoot',
  'intentDigest',
  'isStrictPoint',
  'isStrictSignature',
  'keyidOf',
  'leafHash',
  'nodeHash',
  'nodeInTile',
  'nodeTile',
  'noteKeyId',
  'ok',
  'p256Spki',
  'parseAuthenticatorData',
  'parseBundle',
  'parseBundlePath',
  'parseCanonicalJson',
  'parseCheckpoint',
  'parseClientData',
  'parseCosignerVkey',
  'parseDecimal',
  'parseEntry',
  'parseEnvelope',
  'parseIntent',
  'parseJson',
  'parseLogPolicy',
  'parseNote',
  'parsePublicKey',
  'parseReceipt',
  'parseStatement',
  'parseTilePath',
  'parseTime',
  'parseTlogProof',
  'parseVkey',
  'partialTiles',
  'passkeyRequest',
  'preAuthEncoding',
  'proveConsistency',
  'proveInclusion',
  'rangeNodes',
  'rootNodes',
  'rsaSpki',
  'sha256',
  'splitPoint',
  'statementDigest',
  'tileWidthAt',
  'treeRoot',
  'utf8Decode',
  'utf8Encode',
  'verifyAssertion',
  'verifyCosignatures',
  'verifyEnvelope',
  'verifyNote',
  'verifyReceipt',
  'webCryptoPrimitives',
];

describe('the package', () => {
  it('exports exactly this', () => {
    expect(Object.keys(verifier).sort()).toEqual(EXPORTS);
  });

  it('depends on nothing', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundledDependencies']) {
      expect(manifest).not.toHaveProperty(kind);
    }
  });

  it('imports nothing but its own files', () => {
    const folder = new URL('.', import.meta.url);
    const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    expect(sources.length).toBeGreaterThan(30);
    for (const name of sources) {
      const source = readFileSync(new URL(name, folder), 'utf8');
      const imported = [...source.matchAll(/^(?:import|export|} from)\b[^;]*?from '([^']+)';$/gms)].map(
        ([, from]) => from,
      );
      expect(
        imported.filter((from) => !/^\.\/[a-z0-9-]+\.ts$/.test(from!)),
        name,
      ).toEqual([]);
      expect(source).not.toMatch(/\bimport\(|\brequire\(/);
    }
  });
});
