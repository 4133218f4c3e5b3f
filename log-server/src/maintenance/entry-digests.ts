import {
  CONSUMPTION_PAYLOAD_TYPE,
  type Entry,
  foreignDigest,
  hexDecode,
  hexEncode,
  isForeignPayloadType,
  parseConsumption,
  parseEnvelope,
  parseForeignEnvelope,
  parseStatement,
  parseTrustRoot,
  type SealedEntry,
  type Sha256,
  TRUST_ROOT_PAYLOAD_TYPE,
  trustRootDigest,
  utf8Encode,
} from '@assent/verifier';
import { blindDigest } from '../admission/blind.ts';
import { consumptionIdentity } from '../admission/consumption-identity.ts';
import { foreignIdentity } from '../admission/foreign-identity.ts';
import { trustRootIdentity } from '../admission/trust-root-identity.ts';
import type { PrivateRecord } from '../store/private-records.ts';

/** What the log finds an entry by, 32 bytes each. */
export type EntryDigests = { readonly statement: Uint8Array; readonly identity: Uint8Array };

/**
 * The digests of an entry's record. Of an open one from its public bytes: SHA-256 of the signed payload, and of the
 * service and id in it, of the approval that it consumes, or of the version that it follows. Of another system's payload a digest that
 * covers its type, and what follows from that. Of a sealed one from what is kept in private; without that, as of a blind commitment.
 * Undefined for what this version can't read.
 */
export function entryDigests(entry: Entry, kept: PrivateRecord | undefined, sha256: Sha256): EntryDigests | undefined {
  if ('sealed' in entry) return sealedDigests(entry, kept, sha256);
  const type = entry.content.payloadType;
  if (typeof type === 'string' && isForeignPayloadType(type)) {
    const foreign = parseForeignEnvelope(entry.content);
    return foreign.ok
      ? foreignDigests(withoutPrefix(foreignDigest(type, foreign.value.payload, sha256)), sha256)
      : undefined;
  }
  const envelope = parseEnvelope(entry.content);
  if (!envelope.ok) return undefined;
  const { payload, payloadType } = envelope.value;
  if (payloadType === CONSUMPTION_PAYLOAD_TYPE) {
    const consumption = parseConsumption(payload);
    if (!consumption.ok) return undefined;
    const identity = bytesOf(consumptionIdentity(consumption.value.approval, { sha256 }));
    return { statement: sha256(payload), identity };
  }
  if (payloadType === TRUST_ROOT_PAYLOAD_TYPE) {
    const trustRoot = parseTrustRoot(payload);
    if (!trustRoot.ok) return undefined;
    const identity = trustRootIdentity(trustRootDigest(payload, sha256), trustRoot.value, { sha256 });
    return { statement: sha256(payload), identity: bytesOf(identity) };
  }
  const statement = parseStatement(payload);
  if (!statement.ok) return undefined;
  return { statement: sha256(payload), identity: identityOf(statement.value, sha256) };
}

function sealedDigests({ sealed }: SealedEntry, kept: PrivateRecord | undefined, sha256: Sha256): EntryDigests {
  const facts = kept?.sealed?.facts;
  if (facts === undefined) {
    const digest = bytesOf(blindDigest(sealed, { sha256 }));
    return { statement: digest, identity: digest };
  }
  if (!('service' in facts)) return foreignDigests(facts.statement, sha256);
  return { statement: bytesOf(facts.statement), identity: identityOf(facts, sha256) };
}

function foreignDigests(digest: string, sha256: Sha256): EntryDigests {
  return { statement: bytesOf(digest), identity: bytesOf(foreignIdentity(digest, { sha256 })) };
}

function withoutPrefix(digest: string): string {
  return digest.slice('sha256:'.length);
}

function identityOf({ service, id }: { readonly service: string; readonly id: string }, sha256: Sha256): Uint8Array {
  return sha256(utf8Encode(`${service}\0${id}`));
}

/** Of a digest in hex. */
export function bytesOf(digest: string): Uint8Array {
  const bytes = hexDecode(digest);
  if (!bytes.ok) throw new TypeError('digest: not hex');
  return bytes.value;
}

/** The first 8 bytes of a digest, as the database's text of its signed bigint. */
export function prefixText(digest: Uint8Array): string {
  return BigInt.asIntN(64, BigInt(`0x${hexEncode(digest.subarray(0, 8))}`)).toString();
}
