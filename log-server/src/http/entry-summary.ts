import {
  APPROVAL_PAYLOAD_TYPE,
  CONSUMPTION_PAYLOAD_TYPE,
  foreignDigest,
  formatTime,
  hexEncode,
  isForeignPayloadType,
  leafHash,
  parseConsumption,
  parseEntry,
  parseEnvelope,
  parseForeignEnvelope,
  parseStatement,
  parseTrustRoot,
  type Sha256,
  type Statement,
  statementDigest,
  TRUST_ROOT_PAYLOAD_TYPE,
  trustRootDigest,
} from '@assent/verifier';
import { z } from '@hono/zod-openapi';

const digest = z.string().openapi({ example: `sha256:${'0'.repeat(64)}` });

/** An entry in a list. What it says was not verified again; its receipt is what proves it. */
export const entrySummary = z
  .object({
    index: z.int(),
    leaf_hash: digest,
    logged_at: z.iso.datetime().optional(),
    kind: z.string().optional(),
    visibility: z.enum(['open', 'revealed']).optional(),
    keyids: z.array(digest).optional(),
    statement: z
      .object({
        digest,
        service: z.string(),
        id: z.string(),
        decision: z.string(),
        intent: z.object({ digest, action: z.string(), connector: z.string() }),
        requester: z.string(),
        issued_at: z.string(),
        expires_at: z.string(),
        use: z.string(),
      })
      .optional()
      .openapi({ description: 'Of approval statements' }),
    consumption: z
      .object({ approval: digest, intent: digest, boundary: z.string(), attempt: z.string(), at: z.string() })
      .optional()
      .openapi({ description: 'Of consumptions' }),
    trust_root: z
      .object({ digest, name: z.string(), version: z.int(), issued_at: z.string(), expires_at: z.string() })
      .optional()
      .openapi({ description: 'Of versions of trust roots' }),
    foreign: z
      .object({ digest, payload_type: z.string() })
      .optional()
      .openapi({ description: 'Of evidence of other systems' }),
    links: z.object({ entry: z.string(), receipt: z.string() }),
  })
  .openapi('EntrySummary');

export type EntrySummary = z.input<typeof entrySummary>;

/** Of an open entry, as far as it can be read. */
export function summarize(index: number, bytes: Uint8Array, sha256: Sha256): EntrySummary {
  const summary: EntrySummary = {
    index,
    leaf_hash: `sha256:${hexEncode(leafHash(bytes, sha256))}`,
    links: { entry: `/api/v1/entries/${index}`, receipt: `/api/v1/receipts/${index}` },
  };
  const entry = parseEntry(bytes);
  if (!entry.ok || !('content' in entry.value)) return summary;
  const { kind, loggedAt, content, reveal } = entry.value;
  const opened: EntrySummary = {
    ...summary,
    kind,
    logged_at: formatTime(loggedAt),
    visibility: reveal === undefined ? 'open' : 'revealed',
  };
  const foreign = typeof content.payloadType === 'string' && isForeignPayloadType(content.payloadType);
  const envelope = foreign ? parseForeignEnvelope(content) : parseEnvelope(content);
  if (!envelope.ok) return opened;
  const { payload, payloadType, signatures } = envelope.value;
  const signed: EntrySummary = { ...opened, keyids: signatures.map(({ publicKey }) => publicKey.keyid) };
  if (foreign) {
    return { ...signed, foreign: { digest: foreignDigest(payloadType, payload, sha256), payload_type: payloadType } };
  }
  if (payloadType === CONSUMPTION_PAYLOAD_TYPE) {
    const consumption = parseConsumption(payload);
    if (!consumption.ok) return signed;
    const { type: _, ...consumed } = consumption.value;
    return { ...signed, consumption: consumed };
  }
  if (payloadType === TRUST_ROOT_PAYLOAD_TYPE) {
    const trustRoot = parseTrustRoot(payload);
    if (!trustRoot.ok) return signed;
    const { name, version, issued_at, expires_at } = trustRoot.value;
    return {
      ...signed,
      trust_root: { digest: trustRootDigest(payload, sha256), name, version, issued_at, expires_at },
    };
  }
  const statement = payloadType === APPROVAL_PAYLOAD_TYPE ? parseStatement(payload) : undefined;
  if (!statement?.ok) return signed;
  return { ...signed, statement: { digest: statementDigest(payload, sha256), ...shown(statement.value) } };
}

function shown(statement: Statement): Omit<NonNullable<EntrySummary['statement']>, 'digest'> {
  const { service, id, decision, intent, requester, issued_at, expires_at, use } = statement;
  const { digest, action, connector } = intent;
  return { service, id, decision, intent: { digest, action, connector }, requester, issued_at, expires_at, use };
}
