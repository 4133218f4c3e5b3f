import { APPROVAL_PAYLOAD_TYPE } from '@assent/verifier';

/** What an entry can be found by. */
export type EntryFacts = {
  readonly kind: string;
  /** Of every signature in its envelope. */
  readonly keyids: readonly string[];
  /** Of an approval's statement. */
  readonly service?: string;
  /** Of an approval's statement: `sha256:<hex>`. */
  readonly intent?: string;
};

/**
 * Reads them from an open entry, or returns undefined: for a sealed one, which must not be found by anything, and for
 * bytes that are no entry. The verifier's strict parsers take ten times as long; what is stored has passed them, a search
 * goes through thousands, and only decides what to show. Never throws.
 */
export function readFacts(bytes: Uint8Array): EntryFacts | undefined {
  const entry = parseObject(bytes);
  const content = asObject(entry?.content);
  if (entry === undefined || content === undefined || typeof entry.kind !== 'string') return undefined;
  const keyids = Array.isArray(content.signatures)
    ? content.signatures.map((signature) => asObject(signature)?.keyid).filter((keyid) => typeof keyid === 'string')
    : [];
  const { kind } = entry;
  if (content.payloadType !== APPROVAL_PAYLOAD_TYPE || typeof content.payload !== 'string') return { kind, keyids };
  const statement = parseObject(Buffer.from(content.payload, 'base64'));
  const service = statement?.service;
  const intent = asObject(statement?.intent)?.digest;
  // Named members first: V8 makes a hidden class for each object that begins with another one's.
  return {
    kind,
    keyids,
    ...(typeof service === 'string' && { service }),
    ...(typeof intent === 'string' && { intent }),
  };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
